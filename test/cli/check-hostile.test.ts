import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildFlapd, runProgram, type FlapdProgram } from './flapd-program.ts';

/** Measured here: 60 to 90 MB, of which Node 20 and the program themselves are 53 (Node 24: 61), and 0.2 to 0.5 s of CPU. */
const mostMegabytes = 100;
/** A busy machine's seconds are long. */
const mostCpuSeconds = 5;

let flapd: FlapdProgram;
let folder: string;
beforeAll(async () => {
  flapd = await buildFlapd();
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-hostile-'));
});
afterAll(() => {
  flapd.remove();
  rmSync(folder, { recursive: true });
});

const measure = `process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  require('node:fs').writeSync(2, JSON.stringify({ megabytes: maxRSS / 1024, seconds: (userCPUTime + systemCPUTime) / 1e6 }));
});`;

const write =
  (content: string | Buffer) =>
  (file: string): void =>
    writeFileSync(file, content);

const bomb = [
  'a: &a [x, x]',
  ...'bcdefghijklm'.split('').map((key, at) => `${key}: &${key} [${`*${'abcdefghijkl'[at]}, `.repeat(9)}]`),
].join('\n');

it.each<readonly [what: string, make: (file: string) => void]>([
  [
    'a file of 100 MB',
    (file) => {
      writeFileSync(file, '');
      truncateSync(file, 100 * 2 ** 20);
    },
  ],
  ['a YAML bomb', write(bomb)],
  ['a merge of anchors', write('a: &a { b: 1 }\nc: { <<: *a }\n')],
  ['random bytes', write(Buffer.from(Array.from({ length: 2 ** 16 }, (_, at) => (at * 7919) % 256)))],
  ['a megabyte of brackets', write('['.repeat(2 ** 20))],
  ['a megabyte of one scalar', write('a\n'.repeat(2 ** 19))],
  ['a symbolic link to itself', (file) => symlinkSync(path.basename(file), file)],
  ['a directory', (file) => mkdirSync(file)],
])('flapd check refuses %s within its bounds', async (_, make) => {
  const dir = mkdtempSync(path.join(folder, 'dir-'));
  const preload = path.join(folder, 'measure.cjs');
  writeFileSync(preload, measure);
  mkdirSync(path.join(dir, 'policies.d'));
  make(path.join(dir, 'policies.d/a.yaml'));
  const argv = [process.execPath, '--require', preload, flapd.file, 'check', dir];
  const { code, stdout, stderr } = await runProgram(argv);
  expect({ code, errors: stdout.trimEnd().split('\n').at(-1) }).toEqual({
    code: 2,
    errors: '1 error in 1 file.',
  });
  const { megabytes, seconds } = JSON.parse(stderr) as { megabytes: number; seconds: number };
  expect(megabytes).toBeLessThan(mostMegabytes);
  expect(seconds).toBeLessThan(mostCpuSeconds);
});

const nobody = 65534;

it.skipIf(process.getuid?.() !== 0)('flapd check tells of a file that its user may not read', async () => {
  const dir = mkdtempSync(path.join(folder, 'closed-'));
  writeFileSync(path.join(dir, 'flapd.yaml'), 'listen: off\n', { mode: 0o600 });
  for (const each of [folder, dir]) chmodSync(each, 0o755);
  expect(await flapd.run(['check', dir], { uid: nobody })).toEqual({
    code: 2,
    stdout: `${dir}/flapd.yaml:1:1: error: cannot be read: permission denied\n1 error in 1 file.\n`,
    stderr: '',
  });
});
