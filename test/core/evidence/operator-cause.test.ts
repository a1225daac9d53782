import { expect, test } from 'vitest';
import { rankWithOperators } from '../../../src/core/causes/judge-causes.ts';
import { operatorCausesOf, type OperatorCause } from '../../../src/core/evidence/operator-cause.ts';
import type { CauseView } from '../../../src/core/view.ts';
import { evidenceOf, exited } from '../../support/evidence.ts';

const cause: OperatorCause = {
  name: 'licence-expired',
  match: ['app*'],
  fits: (line) => line.includes('expired'),
  title: 'The licence has expired',
  hint: 'Renew it',
  runbook: undefined,
};
let breaths = 0;
const breathe = async (): Promise<void> => void (breaths += 1);

test('fits the lines of its units, and says what was written of it', async () => {
  const evidence = evidenceOf(['start', 'licence expired', 'licence expired', 'bye']);
  expect(await operatorCausesOf(evidence, [cause], breathe)).toEqual([
    {
      id: 'licence-expired',
      state: 'likely',
      sentence: 'The licence has expired.',
      proof: ['licence expired'],
      hint: 'Renew it',
    },
  ]);
  // Others are let in after each line.
  expect(breaths).toBe(4);
});

test.each([
  ['another unit', evidenceOf(['expired'], { unit: 'other.service' })],
  ['no line that fits', evidenceOf(['licence valid'])],
  ['a line too long ago', evidenceOf(['expired', ...Array.from({ length: 40 }, () => 'request')])],
  ['a stop on request', evidenceOf(['expired'], { exit: { ...exited(0), requested: true } })],
])('leaves alone: %s', async (_, evidence) => {
  expect(await operatorCausesOf(evidence, [cause], breathe)).toEqual([]);
});

test('stands behind what was confirmed, before what is likely or general', () => {
  const view = (id: string, state: CauseView['state']): CauseView => ({ id, state, sentence: '', proof: [] });
  const own = [
    view('missing-file', 'confirmed'),
    view('fd-limit', 'likely'),
    view('core-dumped', 'confirmed'),
  ];
  const ranked = rankWithOperators(own, [view('own', 'likely')]);
  expect(ranked.map(({ id }) => id)).toEqual(['missing-file', 'own', 'fd-limit', 'core-dumped']);
});
