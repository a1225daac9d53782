import type { Exec } from './enter.ts';

/** What begins with `#!` is a program. */
export function modeFor(content: string | Uint8Array): number {
  const start =
    typeof content === 'string' ? content.slice(0, 2) : Buffer.from(content.subarray(0, 2)).toString();
  return start === '#!' ? 0o755 : 0o644;
}

// By a shell in the lab and not through /proc/LEADER/root: there, an absolute symbolic link would lead to the host.
const writeOne = 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"';

/** Writes one file, and the folders above it. */
export async function writeInLab(
  exec: Exec,
  file: string,
  content: string | Uint8Array,
  mode = modeFor(content),
): Promise<void> {
  const { code, stderr } = await exec(['sh', '-c', writeOne, 'sh', file, mode.toString(8)], {
    input: content,
  });
  if (code !== 0) throw new Error(`Cannot write "${file}" in the lab: ${stderr}`);
}

// Reads "path NUL text NUL …"; bash, because sh can't read up to a NUL. No process per file: tests bring thousands.
const writeMany = `cd "$1" || exit
while IFS= read -r -d '' file && IFS= read -r -d '' text; do
  [[ $file != */* || -d \${file%/*} ]] || mkdir -p "\${file%/*}"
  printf %s "$text" >"$file" || exit
done`;

/** Writes units and drop-ins below `folder`. */
export async function writeUnits(
  exec: Exec,
  folder: string,
  units: Readonly<Record<string, string>>,
): Promise<void> {
  const input = Object.entries(units)
    .flatMap(([name, text]) => [`${name}\0`, `${text}\0`])
    .join('');
  const script = `mkdir -p "$1" && ${writeMany}`;
  const { code, stderr } = await exec(['bash', '-c', script, 'bash', folder], { input });
  if (code !== 0) throw new Error(`Cannot write units to "${folder}" in the lab: ${stderr}`);
}

/** Runs systemctl and gives what it printed; throws what it complained about. */
export async function runSystemctl(exec: Exec, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await exec(['systemctl', ...argv]);
  if (code !== 0) throw new Error(`systemctl ${argv.join(' ')}: exit code ${code}: ${stderr || stdout}`);
  return stdout;
}
