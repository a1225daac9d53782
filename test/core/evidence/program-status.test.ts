import { expect, test } from 'vitest';
import { programStatus } from '../../../src/core/evidence/program-status.ts';

test.each([
  ['/usr/bin/node', 9, 'node: an invalid argument'],
  ['/usr/bin/curl', 7, 'curl: a host that can not be connected to'],
  ['/bin/sh', 127, 'as shells have it: a command that was not found'],
  ['/usr/local/bin/start', 126, 'as shells have it: a command that is there, but could not be run'],
  ['/usr/local/bin/start', 137, 'as shells have it: a command that SIGKILL ended'],
])('%s that exits with %i', (executable, status, meaning) => {
  expect(programStatus(executable, status)).toBe(meaning);
});

test.each([
  ['/usr/bin/node', 1],
  ['/usr/bin/app', 5],
  ['/usr/bin/app', 128],
  ['/usr/bin/app', 200],
  ['constructor', 1],
  ['', 2],
])('nobody knows what %s means by %i', (executable, status) => {
  expect(programStatus(executable, status)).toBeUndefined();
});
