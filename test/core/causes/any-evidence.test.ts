import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchers } from '../../../src/core/causes/matchers.ts';
import { causeIds } from '../../../src/core/causes/suspicion.ts';
import { plainText } from '../../../src/core/log-text.ts';
import { causesIn, evidenceOf, exited, service } from '../../support/evidence.ts';
import { everyLogSample } from './every-log-sample.ts';
import { systemdEnds } from './systemd-end-samples.ts';

/** What matchers look for, in any order and mixed with anything. */
const words = [
  ...[
    'address already in use',
    'No such file or directory',
    'Permission denied',
    'EADDRINUSE',
    ':80',
    '0.0.0.0:',
  ],
  ...[
    'failed to map segment from shared object',
    'unexpected EOF while looking for matching',
    'connection refused',
  ],
  ...[
    'No space left on device',
    'too many open files',
    'config',
    'error',
    'line',
    '/etc/x',
    "'/",
    '"',
    ': not found',
  ],
  ...['bind', 'port', '99999', '[::]:', 'ENOTFOUND', '../', '(?:', 'invalid', 'option', 'dial unix /'],
];

const anyLine = fc
  .array(fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 30 })
  .map((parts) => plainText(parts.join(' '), 400));

test('no log can break a matcher, or make it say something that is no plain line', async () => {
  const status = fc.constantFrom(0, 1, 71, 78, 200, 203, 216, 217);
  await fc.assert(
    fc.asyncProperty(fc.array(anyLine, { maxLength: 20 }), status, async (lines, code) => {
      const commands = [{ setting: 'ExecStart', argv: lines }];
      const causes = await causesIn(
        evidenceOf(lines, { exit: exited(code), service: { ...service, commands } }),
      );
      for (const { sentence, proof } of causes) {
        for (const text of [sentence, ...proof]) expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(proof.length).toBeLessThanOrEqual(6);
        expect(sentence).toMatch(/[.]$/);
      }
    }),
    { numRuns: 300 },
  );
});

test('each cause has its matcher, once', () => {
  expect(matchers.map(({ id }) => id).toSorted()).toEqual([...causeIds].toSorted());
});

test.each(causeIds)('%s is tried on two failures at least, and sure of one of them', (id) => {
  const samples = [...everyLogSample, ...systemdEnds].filter((each) => each.id === id);
  expect(samples.length).toBeGreaterThanOrEqual(2);
  // Nothing beside the log speaks for it.
  const neverSure = ['fd-limit'];
  expect(samples.some(({ state }) => state === 'confirmed')).toBe(!neverSure.includes(id));
});
