import { readdirSync } from 'node:fs';
import { inCheckout, textOf } from './checkout.ts';
import type { Tree } from './tree.ts';

/** A program of `dist/`, without the word on where its source map would be: that one is for who builds it. */
export function bundle(file: string): string {
  return textOf('dist', file).replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
}

/** What the programs load from beside them, where it is needed: `flapd-mail.cjs` and its like. */
export function filesBeside(folder: string): Tree {
  const names = readdirSync(inCheckout('dist')).filter((name) => /^flapd-(?!apply\.)\w+\.cjs$/.test(name));
  return Object.fromEntries(names.map((name) => [`${folder}${name}`, { content: bundle(name) }]));
}
