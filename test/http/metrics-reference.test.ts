import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { metricTable } from '../../src/http/metric-table.ts';

const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');

test.each(metricTable)('docs/metrics.md has $name', ({ name, help, labels }) => {
  const labelled = labels.length === 0 ? name : `${name}{${labels.join(',')}}`;
  const row = page.split('\n').find((line) => line.startsWith(`| \`${labelled}\` `));
  expect(row).toContain(help);
});
