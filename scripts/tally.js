// Adds up what vitest's JSON reporter wrote: node scripts/tally.js FILE… names each test that failed, and why, then
// prints "N passed, N failed, N skipped".
import { readFileSync } from 'node:fs';
import path from 'node:path';
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

/** A line for each: who has only the end of a long log reads here what to mend. */
export function failures(files) {
  return files.flatMap((file) =>
    readReport(file)
      .testResults.filter(({ status }) => status === 'failed')
      .flatMap(({ name, message, assertionResults }) => {
        const at = `failed in ${path.basename(file, '.json')}: ${path.relative(process.cwd(), name)}`;
        const failed = assertionResults.filter((test) => test.status === 'failed');
        if (failed.length === 0) return [`${at}: ${firstLine(message)}`];
        return failed.map((test) => `${at} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
      }),
  );
}

function firstLine(text) {
  return (text ?? '').split('\n', 1)[0];
}

export function formatTally({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const files = process.argv.slice(2);
  for (const line of failures(files)) console.log(line);
  console.log(formatTally(tally(files)));
}
