import { describe, expect, test } from 'vitest';
import { parseRemedyLine } from '../../src/systemd/remedy-log.ts';

const unit = 'web.service';
const said = {
  time: '2026-10-25T00:59:00.000Z',
  level: 'info',
  event: 'remedy',
  unit,
  incident: 'web.service@1',
  outcome: 'helped',
  message: 'web.service: RestartSec=5s helped: 1 restart in 1min, where 7 were to be expected.',
};

const lineOf = (message: unknown, fields: object = {}): string =>
  JSON.stringify({
    __REALTIME_TIMESTAMP: '1766000000123456',
    _SYSTEMD_UNIT: 'flapd.service',
    MESSAGE: typeof message === 'string' ? message : JSON.stringify(message),
    ...fields,
  });

describe('a line of flapd about a remedy', () => {
  test('is read', () => {
    expect(parseRemedyLine(lineOf(said), unit)).toEqual({
      atWallMs: 1_766_000_000_123,
      outcome: 'helped',
      sentence: said.message,
      incident: 'web.service@1',
    });
  });

  test.each([
    ['of another unit', lineOf({ ...said, unit: 'other.service' })],
    ['of something else', lineOf({ ...said, event: 'incident-opened', note: '"event":"remedy"' })],
    ['that another service wrote', lineOf(said, { _SYSTEMD_UNIT: 'evil.service', UNIT: 'flapd.service' })],
    ['of an outcome that there is not', lineOf({ ...said, outcome: 'splendid' })],
    ['that is cut off', lineOf(JSON.stringify(said).slice(0, -3))],
    ['that is no JSON', String.raw`x \"event\":\"remedy\"`],
    ['without a time', lineOf(said, { __REALTIME_TIMESTAMP: undefined })],
    ['of bytes', lineOf(said, { MESSAGE: [1, 2], NOTE: '"event":"remedy"' })],
  ])('is none where it is one %s', (_, line) => {
    expect(parseRemedyLine(line, unit)).toBeUndefined();
  });

  test('makes no line of its own in a terminal', () => {
    const message = 'web.service: a remedy is not applied: \u001b[2J\nforged.';
    expect(parseRemedyLine(lineOf({ ...said, message }), unit)?.sentence).not.toMatch(/\p{Cc}/u);
  });
});
