import { describe, expect, it, test } from 'vitest';
import {
  budgetPerHour,
  cooldownMs,
  type GuardFacts,
  guardRefusal,
} from '../../../src/core/remedy/apply-guard.ts';
import { neverApplied } from '../../../src/core/remedy/deny-list.ts';
import type { LoadedService } from '../../../src/core/systemd/loaded-service.ts';
import { builtInPolicy } from '../../../src/core/policy.ts';
import {
  type LedgerEntry,
  ledgerSpanMs,
  mostLedgerEntries,
  withEntry,
} from '../../../src/core/remedy/remedy-ledger.ts';
import { settingsOf } from '../systemd/ending-cases.ts';

const service: LoadedService = {
  unit: 'logstash.service',
  loadState: 'loaded',
  unitFileState: 'enabled',
  transient: false,
  fragmentPath: '/usr/lib/systemd/system/logstash.service',
  dropInPaths: [],
  needsReload: false,
  settings: settingsOf({ systemdVersion: 252 }),
  startLimitAction: 'none',
  failureAction: 'none',
  randomDelayMs: 0,
  nRestarts: 7,
  activeSinceMs: undefined,
  requiredBy: [],
  boundBy: [],
};
const nowWallMs = Date.UTC(2026, 4, 2, 12);
const facts: GuardFacts = {
  service,
  policy: { ...builtInPolicy, mode: 'apply' },
  directives: [{ name: 'RestartSec', ms: 5000 }],
  switchedOff: undefined,
  names: ['logstash.service', 'indexer.service'],
  dependents: ['multi-user.target', 'kibana.service'],
  ledger: [],
  by: 'daemon',
  nowWallMs,
  nowMonotonicMs: 86_400_000,
};

function spent(count: number, agoMs: number, entry: Partial<LedgerEntry> = {}): LedgerEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    unit: `other-${index}.service`,
    atWallMs: nowWallMs - agoMs,
    did: 'applied',
    by: 'daemon',
    ...entry,
  }));
}

const own = { unit: 'logstash.service' };
const cases: readonly [
  what: string,
  change: Partial<GuardFacts>,
  daemon: string | undefined,
  hand: string | undefined,
][] = [
  ['all is well', {}, undefined, undefined],
  ['the host is switched off', { switchedOff: { rule: 'off', reason: 'it is off' } }, 'off', 'off'],
  ['mode: recommend', { policy: builtInPolicy }, 'policy', undefined],
  ['mode: alert', { policy: { ...builtInPolicy, mode: 'alert' } }, 'policy', undefined],
  ['it is not loaded', { service: { ...service, loadState: 'not-found' } }, 'loaded', 'loaded'],
  ['it is masked', { service: { ...service, loadState: 'masked', settings: undefined } }, 'loaded', 'loaded'],
  ['it is invalid', { service: { ...service, loadState: 'bad-setting' } }, 'loaded', 'loaded'],
  ['it is transient', { service: { ...service, transient: true } }, 'loaded', 'loaded'],
  [
    'a denied name is an alias of it',
    { names: ['logstash.service', 'sshd.service'] },
    'deny-list',
    'deny-list',
  ],
  ['a denied unit requires it', { dependents: ['a.service', 'ssh.service'] }, 'deny-list', 'deny-list'],
  ['a unit called alike requires it', { dependents: ['my-ssh.service'] }, undefined, undefined],
  [
    'it is up for calm_after',
    { service: { ...service, activeSinceMs: 86_400_000 - 600_000 } },
    'well',
    undefined,
  ],
  [
    'it is up for nearly that',
    { service: { ...service, activeSinceMs: 86_400_000 - 599_999 } },
    undefined,
    undefined,
  ],
  ['its files were edited', { service: { ...service, needsReload: true } }, 'edited', undefined],
  ['it was touched just now', { ledger: spent(1, 1000, own) }, 'cooldown', undefined],
  [
    'it was reverted by hand',
    { ledger: spent(1, 1000, { ...own, did: 'reverted', by: 'hand' }) },
    'cooldown',
    undefined,
  ],
  ['it was touched an hour ago', { ledger: spent(1, cooldownMs, own) }, undefined, undefined],
  ['it was touched nearly an hour ago', { ledger: spent(1, cooldownMs - 1, own) }, 'cooldown', undefined],
  ['the clock was set back since', { ledger: spent(1, -5000, own) }, 'cooldown', undefined],
  ['another one was touched', { ledger: spent(1, 1000) }, undefined, undefined],
  ['the budget is spent', { ledger: spent(budgetPerHour, 1000) }, 'budget', undefined],
  ['the budget is nearly spent', { ledger: spent(budgetPerHour - 1, 1000) }, undefined, undefined],
  ['the budget was spent an hour ago', { ledger: spent(budgetPerHour, ledgerSpanMs) }, undefined, undefined],
  ['much was taken back', { ledger: spent(50, 1000, { did: 'reverted' }) }, undefined, undefined],
  ['much was applied by hand', { ledger: spent(50, 1000, { by: 'hand' }) }, undefined, undefined],
  [
    'it would restart sooner',
    { directives: [{ name: 'StartLimitBurst', count: 9 }] },
    'slower-only',
    'slower-only',
  ],
  [
    'it would rest and reboot',
    { directives: [{ name: 'StartLimitBurst', count: 3 }], service: { ...service, failureAction: 'reboot' } },
    'action',
    'action',
  ],
];

describe('guardRefusal', () => {
  test.each(cases)('%s: for the daemon %3$s, by hand %4$s', (_, change, daemon, hand) => {
    expect(guardRefusal({ ...facts, ...change })?.rule).toBe(daemon);
    expect(guardRefusal({ ...facts, ...change, by: 'hand' })?.rule).toBe(hand);
  });

  it('refuses every unit of the deny list, whatever its policy says and whoever asks', () => {
    for (const [pattern] of neverApplied) {
      const name = pattern.replace('*', 'x');
      const unit = /\.(service|scope)$/.test(name) ? name : `${name}.service`;
      for (const by of ['daemon', 'hand'] as const)
        expect([unit, guardRefusal({ ...facts, by, service: { ...service, unit } })?.rule]).toEqual([
          unit,
          'deny-list',
        ]);
    }
  });

  it('says when a reason passes by itself, and for whom it holds', () => {
    expect(guardRefusal({ ...facts, ledger: spent(1, 90_000, own) })?.passes).toEqual({
      atWallMs: nowWallMs - 90_000 + cooldownMs,
      of: 'unit',
    });
    // Two more than the budget were applied, as by a flapd that allowed more: the third oldest is the one to wait for.
    const ages = [50, 40, 30, 20, 10, 8, 6, 4].map((minutes) => minutes * 60_000);
    const ledger = ages.flatMap((agoMs) => spent(1, agoMs));
    expect(guardRefusal({ ...facts, ledger })).toEqual({
      rule: 'budget',
      reason: '8 remedies were applied on this host within 1h, and no unit gets another for 30min',
      passes: { atWallMs: nowWallMs + 30 * 60_000, of: 'host' },
    });
    expect(guardRefusal({ ...facts, ledger: spent(budgetPerHour, -5000) })?.passes).toEqual({
      atWallMs: nowWallMs + ledgerSpanMs,
      of: 'host',
    });
  });

  it('says its reason with the numbers', () => {
    expect(guardRefusal({ ...facts, ledger: spent(1, 90_000, own) })?.reason).toBe(
      'a remedy of it was applied 1min 30s ago, less than 1h',
    );
    expect(guardRefusal({ ...facts, policy: builtInPolicy })).toEqual({
      rule: 'policy',
      reason: 'its policy "default" says "mode: recommend", not "apply"',
      hint: 'flapd check --unit logstash.service',
    });
  });
});

describe('withEntry', () => {
  const entry: LedgerEntry = { unit: 'a.service', atWallMs: nowWallMs, did: 'applied', by: 'hand' };

  it('forgets what is older than an hour, and keeps what is not', () => {
    const [old, recent] = [spent(1, ledgerSpanMs), spent(1, ledgerSpanMs - 1)];
    expect(withEntry([...old, ...recent], entry)).toEqual([...recent, entry]);
  });

  it('is bounded', () => {
    expect(withEntry(spent(mostLedgerEntries + 5, 1), entry)).toHaveLength(mostLedgerEntries);
  });
});
