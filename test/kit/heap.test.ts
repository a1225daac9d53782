import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(path.join(tmpdir(), 'flapd-heap-'));
const bundle = path.join(folder, 'heap.cjs');

beforeAll(async () => {
  const entry = path.join(import.meta.dirname, '../../src/kit/heap.ts');
  await build({ entryPoints: [entry], outfile: bundle, bundle: true, platform: 'node', format: 'cjs' });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Hot enough to be optimised, before and after it may be. */
const program = `
  const { collectGarbage, optimizeCode, postponeOptimizing } = require(${JSON.stringify(bundle)});
  const sum = (until) => { let sum = 0; for (let each = 0; each < until; each += 1) sum += each % 7; return sum; };
  postponeOptimizing();
  for (let round = 0; round < 300; round += 1) sum(10_000);
  collectGarbage();
  optimizeCode();
  for (let round = 0; round < 1000; round += 1) sum(10_000);
  console.log('goes on');`;

test.each([[[]], [['--jitless']]])('optimising may come later, with the options %j', (options) => {
  const { status, signal, stdout } = spawnSync(process.execPath, [...options, '-e', program], {
    encoding: 'utf8',
  });
  expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: 'goes on\n' });
});
