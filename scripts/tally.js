// Adds up what vitest's JSON reporter wrote: node scripts/tally.js FILE… prints "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** A file that broke before its tests ran (a syntax error, a failing hook) counts as one failed test. */
export function tally(files) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const broken = report.testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    );
    sum.passed += report.numPassedTests;
    sum.failed += report.numFailedTests + broken.length;
    sum.skipped += report.numPendingTests + report.numTodoTests;
  }
  return sum;
}

export function formatTally({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(formatTally(tally(process.argv.slice(2))));
}
