import { expect, test } from 'vitest';
import { sparkline } from '../../src/cli/sparkline.ts';

test.each<[numbers: number[], line: string]>([
  [[], ''],
  [[0], '·'],
  [[0, 0, 0], '···'],
  [[1], '█'],
  [[1, 0, 1], '█·█'],
  [[1, 2, 3, 4, 5, 6, 7, 8], '▁▂▃▄▅▆▇█'],
  [[8, 7, 6, 5, 4, 3, 2, 1], '█▇▆▅▄▃▂▁'],
  [[1, 1000], '▁█'],
  [[0, 1, 2], '·▄█'],
  [[0.1, 1], '▁█'],
])('%j is drawn as "%s"', (numbers, line) => {
  expect(sparkline(numbers)).toBe(line);
});
