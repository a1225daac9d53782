// Runs the system tests on the systemd of Debian 12 (this machine's own root), 13 and forky, and adds up the results.
// usage: node scripts/matrix.js [host|trixie|forky]…   FLAPD_RESULTS names the folder that keeps the JSON reports.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { secondTry } from './second-try.js';
import { formatTally, tally } from './tally.js';

const checkout = fileURLToPath(new URL('..', import.meta.url));
const kept = process.env.FLAPD_RESULTS;
const results = path.resolve(kept ?? mkdtempSync(path.join(tmpdir(), 'flapd-matrix-')));
mkdirSync(results, { recursive: true });

// Node 20 reads no TypeScript, and the roots belong to the tests.
const { outputFiles } = await build({
  entryPoints: [path.join(checkout, 'test/lab/roots.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const { labRoot } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);

/** What the root itself says: the release's name promises nothing about the version. */
function systemdVersion(root) {
  const inRoot = root === '/' ? [] : ['chroot', root];
  const [program, ...argv] = [...inRoot, '/usr/lib/systemd/systemd', '--version'];
  const { stdout } = spawnSync(program, argv, { encoding: 'utf8' });
  return stdout?.split('\n')[0] || 'systemd of unknown version';
}

const reports = [];
let broken = 0;
for (const name of process.argv.length > 2 ? process.argv.slice(2) : ['host', 'trixie', 'forky']) {
  process.env.FLAPD_LAB_ROOT = name;
  try {
    console.log(`\n== ${name}: ${systemdVersion(await labRoot())}`);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    broken += 1;
    continue;
  }
  const report = path.join(results, `lab-${name}.json`);
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = path.join(checkout, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(process.execPath, [vitest, 'run', '--project', 'lab', ...reporters], {
    cwd: checkout,
    stdio: 'inherit',
  });
  if (existsSync(report)) reports.push(report);
  // Vitest can fail without a failing test: an error outside of all tests, or no report at all.
  const failsUnseen = !existsSync(report) || tally([report]).failed === 0;
  if (status !== 0 && failsUnseen) broken += 1;
  else if (status !== 0) secondTry(report);
}

const sum = tally(reports);
sum.failed += broken;
if (kept === undefined) rmSync(results, { recursive: true });
console.log(formatTally(sum));
process.exitCode = sum.failed > 0 ? 1 : 0;
