import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder with package.json in it; `npm run` starts everything there. */
export const checkout = process.cwd();

export function inCheckout(...parts: readonly string[]): string {
  return path.join(checkout, ...parts);
}

export function textOf(...parts: readonly string[]): string {
  return readFileSync(inCheckout(...parts), 'utf8');
}

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly engines: { readonly node: string };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file
export const manifest = JSON.parse(textOf('package.json')) as Manifest;

/** The age of all files: what the environment says (reproducible-builds.org), or the last commit's. */
export function sourceDateEpoch(): number {
  const given = process.env['SOURCE_DATE_EPOCH'];
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: checkout, encoding: 'utf8' }));
}
