import { describe, expect, it } from 'vitest';
import { delayWarnings } from '../../src/cli/check-restart-delays.ts';
import { placedIn } from '../config/placed-in.ts';

const second = 1000;

function messages(policy: string, delayMs: number): string[] {
  const [placed] = placedIn(`policies: [${policy}]`);
  return placed === undefined
    ? []
    : delayWarnings(placed, 'web.service', delayMs).map(({ message }) => message);
}

describe('a rule and the RestartSec= of a unit', () => {
  it('that make it impossible are told with their numbers', () => {
    expect(messages('{ loop: [{ restarts: 5, within: 1s }] }', 10 * second)).toEqual([
      'the rule "5 within 1s" never holds for web.service: systemd waits 10s before each restart of it (RestartSec=), so 5 restarts take more than 40s',
    ]);
  });

  it.each([
    ['{ loop: [{ restarts: 5, within: 40s }] }', 10 * second, 1],
    ['{ loop: [{ restarts: 5, within: 41s }] }', 10 * second, 0],
    ['{ loop: [{ restarts: 1, within: 1s }] }', 10 * second, 0],
    ['{ loop: [{ restarts: 5, within: 1s }, { restarts: 5, within: 1h }] }', 10 * second, 1],
    ['{ loop: [{ restarts: 2, within: 1h }] }', Infinity, 1],
  ])('%s with %d ms: %d', (policy, delayMs, count) => {
    expect(messages(policy, delayMs)).toHaveLength(count);
  });

  it('the default rules are told of only where none of them ever holds', () => {
    expect(messages('{ match: web }', 60 * second)).toEqual([]);
    expect(messages('{ match: web }', 24 * 3600 * second)).toHaveLength(3);
  });
});
