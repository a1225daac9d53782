import { afterEach, describe, expect, it, test } from 'vitest';
import { applyRemedy, type WantedRemedy } from '../../src/apply/apply-remedy.ts';
import type { PlacedFile } from '../../src/core/systemd/unit-settings.ts';
import type { RemedyManager, RemedyRoom } from '../../src/apply/remedy-room.ts';
import { BusError } from '../../src/systemd/bus-error.ts';
import { loaded, testRoom, type TestRoom } from '../support/remedy-room.ts';

const wanted: WantedRemedy = {
  unit: 'allowed.service',
  directives: [{ name: 'RestartSec', ms: 5000 }],
  why: '5 restarts in 32s',
  incident: undefined,
};
const limited = new BusError('error-reply', 'too often', {
  name: 'org.freedesktop.DBus.Error.LimitsExceeded',
});
const place = '/run/systemd/system/allowed.service.d/90-flapd.conf';

let tree: TestRoom;
afterEach(() => tree.remove());

async function apply(
  room: Partial<RemedyRoom> = {},
  manager: Partial<RemedyManager> = {},
  change: Partial<WantedRemedy> = {},
): ReturnType<typeof applyRemedy> {
  tree = testRoom(room, manager);
  return applyRemedy({ ...wanted, ...change }, tree.room);
}

function fileWith(file: string, directive: string, value: string): PlacedFile {
  const assignment = { section: 'Service', directive, value, line: 2, lastLine: 2, column: 1 };
  return { file, assignments: [assignment], faults: [] };
}

const fragment = fileWith('/usr/lib/systemd/system/allowed.service', 'ExecStart', '/bin/true');

describe('applyRemedy', () => {
  it('says each step before it is done, in order', async () => {
    const done: string[] = [];
    const outcome = await apply(
      {
        say: (sentence) => done.push(sentence),
        verify: async () => {
          done.push('(verified)');
          return { kind: 'fine' };
        },
        pace: async () => void done.push('(waited its turn)'),
      },
      { reload: async () => void done.push('(reloaded)') },
    );
    expect(outcome.outcome).toBe('applied');
    expect(done).toEqual([
      'Looking again at allowed.service, what is in force and who requires it.',
      'Asking systemd-analyze about allowed.service with RestartSec=5s.',
      '(verified)',
      `Writing ${place}.`,
      '(waited its turn)',
      'Telling systemd to reload its unit files.',
      '(reloaded)',
      'Reading back what systemd has in force for allowed.service.',
    ]);
  });

  it('names before it writes what else the reload brings into force, and goes on, also where that is not known', async () => {
    const units = ['a', 'b', 'c', 'd', 'e'].map((name) => `${name}.service`);
    const listServices = async () =>
      units.map((unit) => ({ unit, loadState: 'loaded', activeState: 'active', subState: 'running' }));
    const needsReload = async (unit: string): Promise<boolean> => unit !== 'b.service';
    expect(await apply({}, { listServices, needsReload })).toMatchObject({ outcome: 'applied' });
    expect(tree.said.slice(2, 4)).toEqual([
      'Files of a.service, c.service, d.service and 1 more have changed since systemd read them: the reload brings that into force too.',
      `Writing ${place}.`,
    ]);
    tree.remove();
    const outcome = await apply({}, { listServices: async () => Promise.reject(new Error('no answer')) });
    expect(outcome).toMatchObject({ outcome: 'applied' });
  });

  it('on a dry run does all but write and reload', async () => {
    const reload = async (): Promise<void> => expect.fail('a dry run reloads nothing');
    expect(await apply({ dryRun: true }, { reload })).toMatchObject({
      outcome: 'would-apply',
      dropIn: place,
    });
    expect(tree.files()).toEqual({});
    expect(tree.ledger()).toEqual([]);
  });

  it('puts it where a person says, or else the policy', async () => {
    const lifetime = { lifetime: 'persistent' as const };
    expect(await apply({ dryRun: true }, {}, lifetime)).toMatchObject({
      dropIn: place.replace('/run/', '/etc/'),
    });
  });

  test.each([
    [
      'a later drop-in sets it',
      [fragment, fileWith('/etc/x.d/99-mine.conf', 'RestartSec', '1s')],
      'no-effect',
    ],
    [
      'an earlier drop-in sets it',
      [fragment, fileWith('/etc/x.d/10-mine.conf', 'RestartSec', '1s')],
      'applied',
    ],
    ['a later drop-in sets another', [fragment, fileWith('/etc/x.d/99-mine.conf', 'Nice', '1')], 'applied'],
  ])('where %s: %3$s', async (_, files, outcome) => {
    const result = await apply({ unitFiles: async () => files });
    expect(result.outcome).toBe(outcome);
    if (outcome === 'no-effect') {
      expect(result.reason).toBe(
        '/etc/x.d/99-mine.conf:2 says RestartSec=1s after it, and so nothing was written',
      );
      expect(tree.files()).toEqual({});
    }
  });

  it('refuses what systemd-analyze complains of, and goes on where it can not be asked', async () => {
    const complains = await apply({ verify: async () => ({ kind: 'complains', complaint: 'Refusing.' }) });
    expect(complains).toMatchObject({ outcome: 'refused', reason: 'systemd-analyze says: Refusing.' });
    expect(tree.files()).toEqual({});
    tree.remove();
    const unknown = await apply({ verify: async () => ({ kind: 'unknown', why: 'it is not there' }) });
    expect(unknown.outcome).toBe('applied');
    expect(tree.said).toContain('It was not verified: it is not there. systemd is asked afterwards.');
  });

  it('takes back what systemd will not load any more', async () => {
    let asked = 0;
    const loadedService = async (unit: string) => ({
      ...loaded(unit),
      loadState: (asked += 1) > 1 ? 'bad-setting' : 'loaded',
    });
    expect(await apply({}, { loadedService })).toMatchObject({
      outcome: 'no-effect',
      reason: 'systemd no longer loads the unit (bad-setting); it was taken back',
    });
    expect(tree.files()).toEqual({});
  });

  it('asks again where systemd limits how often it reloads', async () => {
    const waits: number[] = [];
    let refusals = 3;
    const reload = async (): Promise<void> => {
      if ((refusals -= 1) >= 0) throw limited;
    };
    const outcome = await apply({ wait: async (ms) => void waits.push(ms) }, { reload });
    expect([outcome.outcome, waits]).toEqual(['applied', [2000, 4000, 8000]]);
    expect(tree.said.slice(3, 6)).toEqual([
      'Telling systemd to reload its unit files.',
      'systemd limits how often it reloads (ReloadLimitIntervalSec=): it is asked again in 2s.',
      'Telling systemd to reload its unit files.',
    ]);
  });

  test.each([
    ['systemd was never told of', false, 6],
    ['came into force by the reload of somebody else', true, 12],
  ])('where that goes on for a minute takes back what %s', async (_, isInForce, asked) => {
    const waits: number[] = [];
    let reloads = 0;
    const reload = async (): Promise<void> => {
      reloads += 1;
      throw limited;
    };
    const dropInPaths = async () => (isInForce ? [place] : []);
    const outcome = await apply({ wait: async (ms) => void waits.push(ms) }, { reload, dropInPaths });
    expect(outcome).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/^systemd did not reload: too often; it was taken back/),
    });
    expect(reloads).toBe(asked);
    expect(waits.slice(0, 5).reduce((sum, ms) => sum + ms)).toBe(60_000);
    expect(tree.files()).toEqual({});
  });

  it('waits while systemd reloads, and where that has no end writes nothing', async () => {
    const done: string[] = [];
    const answers = async (withinMs: number) => void done.push(`(answers within ${withinMs})`);
    await apply({ say: (sentence) => done.push(sentence.split(' ')[0] ?? '') }, { answers });
    const wait = '(answers within 60000)';
    expect(done).toEqual(['Looking', 'Asking', wait, 'Writing', 'Telling', 'Reading', wait]);
    tree.remove();
    const silent = async () => Promise.reject(new BusError('timeout', 'no answer'));
    expect(await apply({}, { answers: silent })).toMatchObject({
      outcome: 'refused',
      reason: 'systemd has not answered within 1min: it is reloading, or hangs',
    });
    expect(tree.files()).toEqual({});
  });

  it('takes back what can not be read back', async () => {
    let asked = 0;
    const answers = async (): Promise<void> => {
      if ((asked += 1) > 1) throw new BusError('timeout', 'no answer');
    };
    expect(await apply({}, { answers })).toMatchObject({
      outcome: 'failed',
      reason: 'systemd has not answered within 1min: it is reloading, or hangs; it was taken back',
    });
    expect(tree.files()).toEqual({});
  });

  it('writes nothing where the ledger can not be kept', async () => {
    const add = (): void => {
      throw new Error('no space left on device');
    };
    expect(await apply({ ledger: { read: () => [], add } })).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining('nothing was written: no space left on device'),
    });
    expect(tree.files()).toEqual({});
  });

  it('is refused for an alias, and where too many units hang on it to be looked through', async () => {
    const alias = await apply({}, { loadedService: async () => loaded('real.service') });
    expect(alias).toMatchObject({
      outcome: 'refused',
      reason: 'it is an alias of real.service',
      hint: 'flapd apply real.service',
    });
    tree.remove();
    let next = 0;
    const endless = await apply({}, { dependents: async () => [`u${(next += 1)}.service`] });
    expect(endless).toMatchObject({ outcome: 'refused', reason: 'more than 500 units require it' });
  });
});
