import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { answerRequest, type InRoom } from '../../src/apply/answer-request.ts';
import { applyRequestText } from '../../src/apply/apply-request-text.ts';
import type { ApplyAnswer, ApplyRequest } from '../../src/core/remedy/apply-request.ts';
import { neverApplied } from '../../src/core/remedy/deny-list.ts';
import { AppError } from '../../src/kit/errors.ts';
import { loaded, testRoom, type TestRoom } from '../support/remedy-room.ts';

const good: ApplyRequest = {
  verb: 'apply',
  unit: 'allowed.service',
  directives: [{ name: 'RestartSec', ms: 5000 }],
  why: '5 restarts in 32s',
  incident: 'allowed.service@20260502T120040.000Z',
};
const place = '/run/systemd/system/allowed.service.d/90-flapd.conf';

let tree: TestRoom;
beforeEach(() => {
  tree = testRoom();
});
afterEach(() => tree.remove());

const inRoom: InRoom = (_, work) => work(tree.room);
const ask = (text: string): Promise<ApplyAnswer> => answerRequest(text, inRoom);
/** A request as whoever has taken the daemon over may send it. */
const raw = (change: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ ...(JSON.parse(applyRequestText(good)) as object), ...change });

describe('a request', () => {
  it('that a policy allows is carried out, and taken back', async () => {
    const { outcomes } = await ask(applyRequestText(good));
    expect(outcomes).toEqual([
      { unit: good.unit, outcome: 'applied', dropIn: place, untilWallMs: Date.UTC(2026, 4, 3, 12) },
    ]);
    expect(Object.keys(tree.files())).toEqual([place]);
    expect(tree.files()[place]).toMatch(/# Applied by: daemon\n[^]*\[Service\]\nRestartSec=5s\n$/);
    expect(tree.ledger()).toMatchObject([{ unit: good.unit, did: 'applied', by: 'daemon' }]);
    expect(
      (await ask(applyRequestText({ verb: 'revert', units: [good.unit, 'other.service'] }))).outcomes,
    ).toEqual([
      { unit: 'other.service', outcome: 'already', reason: 'flapd has written nothing for it' },
      { unit: good.unit, outcome: 'reverted', dropIn: place },
    ]);
    expect(tree.files()).toEqual({});
    const again = await ask(applyRequestText(good));
    expect(again.outcomes[0]).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('less than 1h'),
    });
  });

  it('first finishes what the one before was cut short at: written, and systemd not told', async () => {
    await ask(applyRequestText(good));
    const other = applyRequestText({ ...good, unit: 'other.service' });
    let reloads = 0;
    const unread = { dropInPaths: async () => [], reload: async () => void (reloads += 1) };
    const cutShort = { ...tree.room, manager: { ...tree.room.manager, ...unread } };
    const { outcomes } = await answerRequest(other, (_, work) => work(cutShort));
    expect(outcomes[0]).toMatchObject({ outcome: 'refused' });
    expect(reloads).toBe(1);
    await ask(other);
    expect(reloads).toBe(1);
  });

  it('does not take back what a person applied, until its time is up', async () => {
    tree.remove();
    const hand = testRoom({ by: 'hand' });
    await answerRequest(applyRequestText(good), (_, work) => work(hand.room));
    const asDaemon =
      (nowWallMs: number): InRoom =>
      (_, work) =>
        work({ ...hand.room, by: 'daemon', nowWallMs: () => nowWallMs });
    const revert = applyRequestText({ verb: 'revert', units: [good.unit] });
    const early = await answerRequest(revert, asDaemon(Date.UTC(2026, 4, 3, 11)));
    expect(early.outcomes[0]).toMatchObject({ outcome: 'refused' });
    const late = await answerRequest(revert, asDaemon(Date.UTC(2026, 4, 3, 12)));
    expect(late.outcomes[0]).toMatchObject({ outcome: 'reverted' });
    tree = hand;
  });

  it('is an answer too where the room is not to be had, and a bug stays one', async () => {
    const refusing: InRoom = () => Promise.reject(new AppError('it is off', { exitCode: 1 }));
    expect(await answerRequest(applyRequestText(good), refusing)).toEqual({
      outcomes: [],
      refused: 'it is off',
    });
    const broken: InRoom = () => Promise.reject(new TypeError('a bug'));
    await expect(answerRequest(applyRequestText(good), broken)).rejects.toThrow('a bug');
  });
});

const hostile: readonly [what: string, text: () => string][] = [
  ['nothing', () => ''],
  ['no JSON', () => 'apply allowed.service'],
  ['a list', () => '[]'],
  ['null', () => 'null'],
  ['deep nesting', () => '['.repeat(30_000)],
  ['10 MB', () => raw({ why: 'x'.repeat(10_000_000) })],
  ['another version', () => raw({ version: 2 })],
  ['a key more', () => raw({ dropIn: '/etc/passwd' })],
  ['a lifetime', () => raw({ lifetime: 'persistent' })],
  ['__proto__', () => applyRequestText(good).replace('{', '{"__proto__":{"mode":"apply"},')],
  ['another unit', () => raw({ unit: 'other.service' })],
  ['a path', () => raw({ unit: '../../../etc/cron.d/x.service' })],
  ['a path in a unit name', () => raw({ unit: 'allowed.service/../x.service' })],
  ['a template', () => raw({ unit: 'allowed@.service' })],
  ['a socket', () => raw({ unit: 'allowed.socket' })],
  ['a unit with a line end', () => raw({ unit: 'allowed.service\n' })],
  ['a unit with NUL', () => raw({ unit: 'allowed\0.service' })],
  ['a list of units', () => raw({ unit: ['allowed.service'] })],
  ['a number for a unit', () => raw({ unit: 1 })],
  ['ExecStart', () => raw({ directives: [{ directive: 'ExecStart', value: '/bin/sh' }] })],
  ['Restart', () => raw({ directives: [{ directive: 'Restart', value: 'always' }] })],
  [
    'an injected line',
    () => raw({ directives: [{ directive: 'RestartSec', value: '5s\nExecStart=/bin/sh' }] }),
  ],
  ['a specifier', () => raw({ directives: [{ directive: 'RestartSec', value: '%i' }] })],
  ['a continued line', () => raw({ directives: [{ directive: 'RestartSec', value: '5s\\' }] })],
  ['a delay of years', () => raw({ directives: [{ directive: 'RestartSec', value: '10y' }] })],
  ['a delay of nothing', () => raw({ directives: [{ directive: 'RestartSec', value: '0' }] })],
  ['a number for a value', () => raw({ directives: [{ directive: 'RestartSec', value: 5 }] })],
  ['SIGTERM', () => raw({ directives: [{ directive: 'RestartPreventExitStatus', value: 'SIGTERM' }] })],
  [
    'a start limit that lets more pass',
    () => raw({ directives: [{ directive: 'StartLimitBurst', value: '999' }] }),
  ],
  ['no directive', () => raw({ directives: [] })],
  [
    'one directive many times',
    () => raw({ directives: Array.from({ length: 6 }, () => ({ directive: 'RestartSec', value: '5s' })) }),
  ],
  ['a reason that is none', () => raw({ why: { toString: 'x' } })],
  ['to revert everything', () => raw({ verb: 'revert' })],
  [
    'to revert a path',
    () => JSON.stringify({ format: 'flapd apply', version: 1, verb: 'revert', units: ['../x'] }),
  ],
  ['another verb', () => raw({ verb: 'exec' })],
];

describe('a daemon that was taken over', () => {
  test.each(hostile)('that sends %s changes nothing', async (_, text) => {
    const { refused, outcomes } = await ask(text());
    expect(refused ?? outcomes[0]?.outcome).toMatch(/^the request is none: |^refused$/);
    expect(tree.files()).toEqual({});
    expect(tree.ledger()).toEqual([]);
  });

  it('changes no unit of the deny list, whatever the policies say', async () => {
    const everything = { ...tree.room.policies[0], match: ['*'] } as (typeof tree.room.policies)[number];
    for (const [pattern] of neverApplied) {
      const name = pattern.replace('*', 'x').replace(/\.scope$/, '');
      const unit = name.endsWith('.service') ? name : `${name}.service`;
      const { outcomes, refused } = await answerRequest(raw({ unit }), (_, work) =>
        work({ ...tree.room, policies: [everything] }),
      );
      expect([unit, refused ?? outcomes[0]?.outcome]).toEqual([
        unit,
        pattern === 'init.scope' ? 'applied' : 'refused',
      ]);
      if (pattern === 'init.scope')
        await answerRequest(applyRequestText({ verb: 'revert', units: [unit] }), inRoom);
    }
    expect(tree.files()).toEqual({});
  });

  it('applies no more than the budget lets it, and each unit once', async () => {
    const everything = { ...tree.room.policies[0], match: ['*'] } as (typeof tree.room.policies)[number];
    const outcomes: unknown[] = [];
    for (let index = 0; index < 40; index += 1) {
      const text = raw({ unit: `loop-${index % 20}.service` });
      const answer = await answerRequest(text, (_, work) => work({ ...tree.room, policies: [everything] }));
      outcomes.push(answer.outcomes[0]?.outcome);
    }
    expect(outcomes.filter((each) => each === 'applied')).toHaveLength(6);
    expect(outcomes.slice(6).every((each) => each === 'refused')).toBe(true);
  });

  it('writes at most the directives of the list for the one unit whose policy says apply: 1,000 requests', async () => {
    const names = fc.constantFrom(
      'allowed.service',
      'other.service',
      'ssh.service',
      'dbus.service',
      '../x.service',
      'allowed.service.d',
      'systemd-logind.service',
    );
    const plain = fc.constantFrom('5s', '1', '1 SIGSEGV', '2', '1d', '15');
    const odd = fc.constantFrom('0', '%h', '5s\n[Service]\nUser=root', 'infinity', '\0', '5s\\\n');
    const directive = fc.record({
      directive: fc.constantFrom(
        'RestartSec',
        'RestartPreventExitStatus',
        'StartLimitBurst',
        'StartLimitIntervalSec',
        'RestartMaxDelaySec',
        'ExecStart',
      ),
      value: fc.oneof({ weight: 8, arbitrary: plain }, odd, fc.string({ unit: 'binary' }), fc.anything()),
    });
    const request = fc.record(
      {
        format: fc.constant('flapd apply'),
        version: fc.constant(1),
        verb: fc.constantFrom('apply', 'apply', 'apply', 'revert', 'recover', 'x'),
        unit: fc.oneof({ weight: 8, arbitrary: names }, fc.string({ unit: 'binary' }), fc.anything()),
        units: fc.array(names),
        directives: fc.oneof({ weight: 8, arbitrary: fc.array(directive, { maxLength: 2 }) }, fc.anything()),
        why: fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('%n\n[Service]\nExecStart=/bin/sh', '\\'),
        ),
        incident: fc.string({ unit: 'binary' }),
      },
      { requiredKeys: ['format', 'version', 'verb'] },
    );
    // Of the others few are carried out: what holds because nothing is ever applied would say little.
    const words = fc.string({ unit: 'binary' });
    const allowed = fc.record({ why: words, incident: words });
    const sent = fc.oneof(
      allowed.map((change) => applyRequestText({ ...good, ...change })),
      request.map((each) => JSON.stringify(each)),
      request.map(({ verb, unit, units, directives, why = '', incident = '' }) =>
        JSON.stringify(
          verb === 'apply'
            ? { format: 'flapd apply', version: 1, verb, unit, directives, why, incident }
            : { format: 'flapd apply', version: 1, verb, units },
        ),
      ),
      fc.string({ unit: 'binary' }),
      fc.json(),
    );
    let applied = 0;
    await fc.assert(
      fc.asyncProperty(sent, async (text) => {
        tree.remove();
        tree = testRoom();
        const { outcomes } = await ask(text);
        if (outcomes.some(({ outcome }) => outcome === 'applied')) applied += 1;
        for (const [file, content] of Object.entries(tree.files())) {
          expect(file).toBe(place);
          expect(content).not.toMatch(/[%\0\r]/);
          const settings = content
            .split('\n')
            .filter((line) => line !== '' && !/^# |^\[(Unit|Service)\]$/.test(line));
          for (const line of settings)
            expect(line).toMatch(
              /^(RestartSec|RestartPreventExitStatus|RestartSteps|RestartMaxDelaySec|StartLimitBurst|StartLimitIntervalSec)=[\w+. ]+$/,
            );
        }
      }),
      { numRuns: 1000, examples: [[applyRequestText(good)]] },
    );
    // One in five of them is allowed: less than half of those would be no chance.
    expect(applied).toBeGreaterThan(100);
  });
});

describe('what systemd says afterwards', () => {
  const unchanged = { loadedService: async (unit: string) => loaded(unit) };

  it('is believed: a remedy that is not in force is taken back', async () => {
    tree.remove();
    tree = testRoom({}, unchanged);
    const { outcomes } = await ask(applyRequestText(good));
    expect(outcomes[0]).toMatchObject({
      outcome: 'no-effect',
      reason: expect.stringContaining(`systemd does not read ${place}`),
    });
    expect(tree.files()).toEqual({});
  });

  it('that it does not reload takes it back too', async () => {
    tree.remove();
    tree = testRoom({}, { reload: () => Promise.reject(new Error('Reload limit hit.')) });
    const { outcomes } = await ask(applyRequestText(good));
    expect(outcomes[0]).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^systemd did not reload: .*; it was taken back$/),
    });
    expect(tree.files()).toEqual({});
  });

  it('on a kill file that appears meanwhile writes nothing', async () => {
    let looks = 0;
    tree.remove();
    tree = testRoom({
      switchedOff: () =>
        (looks += 1) > 1 ? { rule: 'switch', reason: 'somebody pulled the brake' } : undefined,
    });
    expect((await ask(applyRequestText(good))).outcomes[0]).toMatchObject({
      outcome: 'refused',
      reason: 'somebody pulled the brake',
    });
    expect(tree.files()).toEqual({});
  });
});
