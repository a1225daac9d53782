import type { Row } from './config-rows.ts';
import { bold, indented, tagged } from './roff.ts';

/** Keys as they stand in a file, those of a mapping further in; `above` is what all of them have in common. */
export function keyList(rows: readonly Row[], above = ''): string {
  const own = rows.filter((row) => row.above === above);
  return own.map((row) => keyBlock(row, rows)).join('\n');
}

function keyBlock({ above, key, value, ifLeftOut, description }: Row, rows: readonly Row[]): string {
  const words = [`Value: ${value}.`];
  if (ifLeftOut === 'required') words.push('Required.');
  else if (ifLeftOut !== '') words.push(`Default: ${ifLeftOut}.`);
  const shown = tagged(bold(`${key}:`), ...(description === '' ? [] : [description]), words.join(' '));
  const inner = [`${above}${key}.`, `${above}${key}[].`].filter((path) =>
    rows.some((row) => row.above === path),
  );
  return [shown, ...inner.map((path) => indented(keyList(rows, path)))].join('\n');
}
