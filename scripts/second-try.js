// Runs the system tests that failed in a report once more, each file from its start in a lab of its own, one at a time:
// real clocks on a machine with other work make one late now and then. What fails twice is wrong. What passes now is
// named, so that nobody takes it for sound.
// usage: node scripts/second-try.js REPORT.json, which then holds the second results; exits 0 where nothing fails any more.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readReport, tally } from './tally.js';

const checkout = fileURLToPath(new URL('..', import.meta.url));
/** Where more fail than this, it is not the clock. */
const mostFiles = 5;

export function secondTry(file) {
  const first = readReport(file);
  const failed = first.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  const isLab = failed.every((name) => name.endsWith('.lab.test.ts'));
  // Without a failed file, vitest failed for an error outside of all tests.
  if (failed.length === 0 || failed.length > mostFiles || !isLab) return false;

  const names = failed.map((name) => path.relative(checkout, name));
  console.log(`\n== once more: ${names.join(' ')}`);
  const again = `${file}.again`;
  const vitest = path.join(checkout, 'node_modules/vitest/vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${again}`];
  const argv = [vitest, 'run', '--project', 'lab', '--maxWorkers=1', ...names, ...reporters];
  spawnSync(process.execPath, argv, { cwd: checkout, stdio: 'inherit' });

  const second = new Map(readReport(again).testResults.map((result) => [result.name, result]));
  rmSync(again);
  const testResults = first.testResults.map((result) => second.get(result.name) ?? result);
  writeFileSync(file, JSON.stringify({ ...first, testResults }));
  const passed = failed.filter((name) => second.get(name)?.status === 'passed');
  for (const name of passed) console.log(`passed only the second time: ${path.relative(checkout, name)}`);
  return tally([file]).failed === 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = secondTry(process.argv[2]) ? 0 : 1;
}
