// Adds up what vitest's JSON reporter wrote: node scripts/tally.js FILE… prints "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

export function readReport(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** A file that broke before its tests ran (a syntax error, a failing hook) counts as one failed test. */
export function tally(files) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of files.flatMap((file) => readReport(file).testResults)) {
    const count = (wanted) => assertionResults.filter((test) => test.status === wanted).length;
    const failed = count('failed');
    sum.passed += count('passed');
    sum.failed += status === 'failed' ? Math.max(1, failed) : failed;
    sum.skipped += assertionResults.length - count('passed') - failed;
  }
  return sum;
}

export function formatTally({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(formatTally(tally(process.argv.slice(2))));
}
