import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inCheckout, textOf } from './checkout.ts';

/** npm packages whose code is in the bundles: those of the source map, and what stands beside the program. */
export function bundledPackages(): readonly string[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- esbuild wrote it
  const { sources } = JSON.parse(textOf('dist/flapd.cjs.map')) as { sources: readonly string[] };
  const names = sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1] ?? []);
  return [...new Set([...names, 'nodemailer', 're2js'])].toSorted();
}

/** The licence of flapd, and of all that is in the program. `more`: of what else is in there, by name. */
export function copyright(more: Readonly<Record<string, string>> = {}): string {
  const parts = {
    ...Object.fromEntries(
      bundledPackages().map((name) => [name, licenceOf(inCheckout('node_modules', name))]),
    ),
    ...more,
  };
  const shown = Object.entries(parts).map(([name, text]) => `${'-'.repeat(70)}\n${name}\n\n${text.trim()}\n`);
  return [
    `flapd\n\n${textOf('LICENSE').trim()}\n`,
    'The program contains these, each under its own licence:\n',
    ...shown,
  ].join('\n');
}

/** The same as Debian wants it: licences that many packages have are named, not repeated (policy, 12.5). */
export function debianCopyright(more: Readonly<Record<string, string>> = {}): string {
  const parts = Object.fromEntries(
    bundledPackages().flatMap((name) => {
      const text = licenceOf(inCheckout('node_modules', name));
      return isApache(text) ? [[name, apache(text)]] : [];
    }),
  );
  return copyright({ ...parts, ...more }).replaceAll('\r', '');
}

function isApache(text: string): boolean {
  return /Apache License\s+Version 2\.0/.test(text);
}

function apache(text: string): string {
  const owner = /^\s*(Copyright (?!\[).*)$/m.exec(text)?.[1] ?? 'Copyright its authors';
  return `${owner}\n\nLicensed under the Apache License, Version 2.0: /usr/share/common-licenses/Apache-2.0.`;
}

/** The licence file of an unpacked npm package. */
export function licenceOf(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (file !== undefined) return readFileSync(path.join(folder, file), 'utf8');
  throw new Error(`Cannot find a licence in "${folder}"`);
}
