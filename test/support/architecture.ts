import path from 'node:path';
import { transformSync } from 'esbuild';

/** Sources by their path from the checkout's root. */
export type Sources = Readonly<Record<string, string>>;

const edges: readonly string[] = ['config', 'systemd', 'probes', 'sinks', 'http'];

/** The parts of src/ that a file of each part may import. What lies in src/ itself, but for main.ts, wires the edges. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  kit: ['kit'],
  ...Object.fromEntries(edges.map((edge) => [edge, ['core', 'kit', edge]])),
  // What runs as root reads its own configuration and asks systemd, and takes nothing from the daemon.
  apply: ['core', 'kit', 'config', 'systemd', 'apply'],
  wiring: ['core', 'kit', ...edges, 'apply', 'wiring'],
  cli: ['core', 'kit', ...edges, 'apply', 'wiring', 'cli'],
  main: ['core', 'kit', ...edges, 'apply', 'wiring', 'cli'],
};

/** Globals that make a decision depend on anything but its arguments. */
const impure = [
  ...['Date.now', 'Math.random', 'performance', 'process', 'console', 'globalThis', 'fetch', 'crypto'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'require'],
];

const mostLines = 400;
const mostMedianLines = 120;

/** What in these sources is against CONTRIBUTING.md, one sentence each. */
export function architectureFaults(sources: Sources): readonly string[] {
  const files = Object.entries(sources);
  return [
    ...files.flatMap(([file, text]) => [
      ...nameFaults(file),
      ...lengthFaults(file, text),
      ...exportFaults(file, text),
      ...importFaults(file, text),
      ...(file.startsWith('src/') ? localeFaults(file, text) : []),
      ...(file.startsWith('src/core/') ? impureFaults(file, text) : []),
    ]),
    ...medianFaults(files.filter(([file]) => file.startsWith('src/'))),
  ];
}

function nameFaults(file: string): readonly string[] {
  const name = path.basename(file);
  if (/(^|[-.])(utils?|helpers?|common|misc)([-.]|$)/.test(name))
    return [`${file}: is named for nothing it is`];
  return name === 'index.ts' ? [`${file}: is a barrel`] : [];
}

function lengthFaults(file: string, text: string): readonly string[] {
  const lines = lineCount(text);
  return lines > mostLines ? [`${file}: has ${lines} lines; at most ${mostLines}`] : [];
}

function medianFaults(files: readonly (readonly [string, string])[]): readonly string[] {
  const counts = files.map(([, text]) => lineCount(text)).sort((a, b) => a - b);
  const median = counts[counts.length >>> 1] ?? 0;
  return median > mostMedianLines
    ? [`src: half of the files have ${median} lines or more; the median is at most ${mostMedianLines}`]
    : [];
}

function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function exportFaults(file: string, text: string): readonly string[] {
  // A tool wants its configuration so; a declaration tells how somebody else's package is.
  if (/\.(config|d)\.[jt]s$/.test(file)) return [];
  return /^\s*export\s+(default\b|\{[^}]*\bas\s+default\b)/m.test(bare(text))
    ? [`${file}: has a default export`]
    : [];
}

function importFaults(file: string, text: string): readonly string[] {
  const from = partOf(file);
  if (from === undefined) return [];
  return importsOf(text).flatMap((specifier) => {
    if (!specifier.startsWith('.'))
      return from === 'core' ? [`${file}: imports "${specifier}"; core imports only core`] : [];
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const to = partOf(target);
    if (to !== undefined && mayImport[from]?.includes(to) === true) return [];
    return [`${file}: imports ${target}; ${from} imports only ${mayImport[from]?.join(', ')}`];
  });
}

/** What is written is English, whatever the locale, and asking for it makes up to 7 MB of ICU's tables resident. */
function localeFaults(file: string, text: string): readonly string[] {
  const found = bare(text).match(/\bIntl\.\w+|\.(?:localeCompare|toLocale\w+)(?=\()/g) ?? [];
  return found.map((name) => `${file}: uses ${name}; nothing in src depends on a locale`);
}

/** Undefined outside of src/, and for a folder of it that nobody has placed. */
function partOf(file: string): string | undefined {
  const [root, part = '', ...rest] = file.split('/');
  if (root !== 'src') return undefined;
  if (rest.length === 0) return part === 'main.ts' ? 'main' : 'wiring';
  return part in mayImport ? part : undefined;
}

function importsOf(text: string): readonly string[] {
  const found = bare(text).matchAll(/\b(?:from|import)\s*\(?\s*(['"])(.+?)\1/g);
  return [...found].map(([, , specifier = '']) => specifier);
}

/** Without comments. */
function bare(text: string): string {
  return text.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** esbuild knows which names are really the globals: it puts a mark in their place, and leaves fields and locals alone. */
function impureFaults(file: string, text: string): readonly string[] {
  const mark = (name: string): string => `IMPURE_${name.replace('.', '_')}`;
  const { code } = transformSync(text, {
    loader: 'ts',
    define: Object.fromEntries(impure.map((name) => [name, mark(name)])),
  });
  const clock = /\bnew Date(?:\(\s*\)|(?!\())|(?<!new )\bDate\(/.test(code) ? ['new Date()'] : [];
  const used = impure.filter((name) => new RegExp(`\\b${mark(name)}\\b`).test(code));
  return [...used, ...clock].map((name) => `${file}: uses ${name}; core has time as an argument and no I/O`);
}
