import { expect, test } from 'vitest';
import { incidentCause } from '../../../src/core/evidence/cause-words.ts';
import type { EvidenceView } from '../../../src/core/evidence/evidence-view.ts';
import type { LoggedLine } from '../../../src/core/evidence/evidence.ts';
import { at, bySystemd } from '../../support/evidence.ts';

const own = (text: string): LoggedLine => ({ at, by: 'service', text });
const said = (...lines: readonly LoggedLine[]): EvidenceView => ({ lines, oomKilled: false, settings: [] });

test('the first cause is told, and else what the first failure said last', () => {
  const cause = { id: 'disk-full', state: 'likely', sentence: '/ is full.', proof: [] } as const;
  const evidence = said(own('starting'), own('it is upside down'), bySystemd('Failed.'));
  expect(incidentCause({ causes: [cause], evidence })).toBe('Cause: / is full. (disk-full, likely)');
  expect(incidentCause({ causes: [], evidence })).toBe('Cause not known; it said last: "it is upside down"');
  expect(incidentCause({ causes: [], evidence: said(bySystemd('Failed.')) })).toBeUndefined();
  expect(incidentCause({ causes: [] })).toBeUndefined();
  expect(incidentCause({})).toBeUndefined();
});

test('what stands between the error and the end is no word of its own', () => {
  const evidence = said(own('TypeError: x is no function'), own('    at app (/srv/app.js:3:1)'), own('}'));
  expect(incidentCause({ causes: [], evidence })).toContain('"TypeError: x is no function"');
  const frames = said(own('    at app (/srv/app.js:3:1)'));
  expect(incidentCause({ causes: [], evidence: frames })).toContain('at app');
});

test('a long line is cut', () => {
  const words = incidentCause({ causes: [], evidence: said(own('x'.repeat(400))) });
  expect(words?.length).toBeLessThan(250);
});
