import { describe, expect, it } from 'vitest';
import { placedIn } from './placed-in.ts';
import { policyWarnings } from '../../src/config/policy-warnings.ts';

/** `line:column: id: message` of each warning about this policies file. */
function warningsOf(text: string): string[] {
  return policyWarnings(placedIn(text)).map(
    ({ line, column, id, severity, message }) => `${line}:${column}: ${severity} ${id}: ${message}`,
  );
}

function ids(text: string): string[] {
  return policyWarnings(placedIn(text)).map(({ id }) => id);
}

describe('a policy that is never used', () => {
  it('is told, with the policy that is', () => {
    expect(
      warningsOf(`policies:
  - { name: all, match: "web@*" }
  - { name: one, match: [web@1, "web@b*"] }
`),
    ).toEqual([
      '3:25: warning shadowed-policy: policy "one" is never used: "web@1" belongs to policy "all" at f.yaml:2, and the rest to that or other policies before it',
    ]);
  });

  it.each([
    ['the same name', '[{ match: nginx }, { match: nginx.service }]'],
    ['what matches everything', '[{}, { match: nginx }]'],
    ['everything after everything', '[{ match: "*" }, {}]'],
    ['two that share it', '[{ match: a }, { match: b }, { match: [a, b] }]'],
  ])('%s', (_, policies) => {
    expect(ids(`policies: ${policies}`)).toEqual(['shadowed-policy']);
  });

  it.each([
    ['an exception before the rule', '[{ match: web@1 }, { match: "web@*" }]'],
    ['one name of two', '[{ match: a }, { match: [a, b] }]'],
    ['another name', '[{ match: "web@*" }, { match: web }]'],
    ['what fits more', '[{ match: "web?" }, { match: "web*" }]'],
  ])('is not %s', (_, policies) => {
    expect(ids(`policies: ${policies}`)).toEqual([]);
  });
});

describe('a rule', () => {
  const loop = (rules: string, more = ''): string => `policies: [{ loop: [${rules}]${more} }]`;
  const r = (restarts: number, within: string): string => `{ restarts: ${restarts}, within: ${within} }`;

  it("that systemd's own delay makes impossible is told with its numbers", () => {
    expect(warningsOf(loop(r(50, '2s')))).toEqual([
      '1:21: warning impossible-rule: the rule "50 within 2s" hardly ever holds: systemd waits 100ms before each restart unless RestartSec= says less, so 50 restarts take more than 4.9s',
    ]);
  });

  it.each([
    [r(5, '400ms'), ['impossible-rule']],
    [r(5, '401ms'), []],
    [r(1, '1ms'), []],
    [r(1024, '2min'), []],
  ])('%s: %j', (rule, expected) => {
    expect(ids(loop(rule))).toEqual(expected);
  });

  it('that another one leaves nothing to do is told', () => {
    expect(warningsOf(loop(`${r(5, '2min')}, ${r(6, '1min')}`))).toEqual([
      '1:52: warning redundant-rule: the rule "6 within 1min" never opens an incident: whenever it holds, "5 within 2min" already does',
    ]);
  });

  it.each([
    [`${r(6, '1min')}, ${r(5, '2min')}`, 1],
    [`${r(5, '1min')}, ${r(5, '1min')}`, 1],
    [`${r(5, '1min')}, ${r(5, '2min')}`, 1],
    [`${r(5, '1min')}, ${r(6, '2min')}`, 0],
    [`${r(5, '2min')}, ${r(4, '1min')}`, 0],
  ])('%s: %d', (rules, count) => {
    expect(ids(loop(rules))).toEqual(Array.from({ length: count }, () => 'redundant-rule'));
  });

  it('whose loops have runs that count as stable is told', () => {
    expect(warningsOf(loop(`${r(10, '1h')}, ${r(5, '2min')}`, ', calm_after: 20s'))).toEqual([
      "1:95: warning calm-too-soon: a loop that its fastest rule is about (5 within 2min) may have 24s between two restarts, more than 20s; flapd waits for twice the loop's own period in any case",
    ]);
  });

  it.each([
    [r(5, '2min'), '24s', 0],
    [r(5, '2min'), '23.9s', 1],
    [r(3, '1d'), '10min', 1],
  ])('%s and calm_after %s: %d', (rule, calm, count) => {
    expect(ids(loop(rule, `, calm_after: ${calm}`))).toHaveLength(count);
  });
});

describe('mode apply for what flapd never changes', () => {
  it('is told, pattern by pattern', () => {
    expect(warningsOf('policies: [{ mode: apply, match: [nginx, sshd, "systemd-*"] }]')).toEqual([
      '1:42: warning never-applied: flapd never applies a change to "sshd": it lets people log in',
      '1:48: warning never-applied: flapd never applies a change to "systemd-*": it is one of systemd\'s own',
    ]);
  });

  it.each([
    'policies: [{ mode: recommend, match: sshd }]',
    'policies: [{ mode: apply, match: "*" }]',
    'policies: [{ mode: apply, match: openssh }]',
  ])('is not %s', (text) => {
    expect(ids(text)).toEqual([]);
  });

  it('stands where a single pattern does', () => {
    expect(warningsOf('policies: [{ mode: apply, match: sshd }]')[0]).toMatch(/^1:34: /);
  });
});

it('the defaults give no warning, written out or not', () => {
  expect(ids('policies: [{}]')).toEqual([]);
  const rules =
    '[{ restarts: 5, within: 2min }, { restarts: 10, within: 1h }, { restarts: 24, within: 24h }]';
  expect(ids(`policies: [{ loop: ${rules}, calm_after: 10min }]`)).toEqual([]);
});
