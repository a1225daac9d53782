import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { flapdInLab, labNode } from '../lab/lab.ts';
import { countInJournal } from '../scenarios/manager-journal.ts';
import {
  complaintsIn,
  crashes,
  deathsOf,
  describeWatched,
  expectAllCounted,
  isOver,
  nRestarts,
} from './describe-watched.ts';

const endless = crashes(1_000_000, 0.1);

const units = {
  'reset.service': crashes(40, 0.1),
  'hands.service': crashes(40, 0.1),
  'deleted.service': endless,
  'kept.service': crashes(20, 0.1),
  'before.service': endless,
  'known.service': `${endless}[Install]\nAlias=alias.service\n`,
};

describeWatched('an administrator, while a unit loops', { units }, (given) => {
  const looping = async (unit: string): Promise<void> => {
    const { lab, log } = given;
    await lab.systemctl('start', unit);
    await log.first('incident', (line) => line.event === 'incident-opened' && line.unit === unit);
  };
  const deaths = async (unit: string, more: number): Promise<void> => {
    const before = deathsOf(given.lab, unit);
    await expect
      .poll(() => deathsOf(given.lab, unit), { interval: 20, timeout: 10_000 })
      .toBeGreaterThanOrEqual(before + more);
  };

  it('resets the counter, again and again: no restart is lost, and none is counted twice', async () => {
    const { lab, log } = given;
    const unit = 'reset.service';
    await looping(unit);
    for (let time = 0; time < 8; time += 1) {
      await deaths(unit, 2);
      await lab.systemctl('reset-failed', unit);
    }
    expect(deathsOf(lab, unit)).toBeLessThan(40);
    await expectAllCounted(given, unit);
    expect(await nRestarts(lab, unit)).toBeLessThan(40);
    expect(log.incidentEvents(unit)).toEqual(['opened']);
  });

  it('stops and starts it by hand: those starts are told from the automatic ones', async () => {
    const { lab, api } = given;
    const unit = 'hands.service';
    const byHand = 6;
    await looping(unit);
    for (let time = 0; time < byHand; time += 1) {
      await deaths(unit, 2);
      // Another phase of the loop each time: running, waiting, about to start.
      await sleep(time * 25);
      await lab.systemctl('stop', unit);
      await lab.systemctl('start', unit);
    }
    await expect.poll(() => isOver(lab, unit), { timeout: 20_000 }).toBe(true);
    await given.settled();
    const { restarts, runs } = await countInJournal(lab.exec, unit);
    const { automatic, external } = await api.restarts(unit);
    // A stop may come between the counter and the run it was raised for: then the start by hand is that restart.
    expect({ automatic, all: automatic + external }).toEqual({ automatic: restarts, all: runs - 1 });
    expect(external).toBeGreaterThanOrEqual(byHand / 2);
    expect(external).toBeLessThanOrEqual(byHand);
  });

  it('deletes its file: nothing happens before the reload, and then the loop is over', async () => {
    const { lab, api } = given;
    const unit = 'deleted.service';
    await looping(unit);
    await lab.exec(['rm', `/run/systemd/system/${unit}`]);
    await deaths(unit, 3);
    await lab.systemctl('daemon-reload');
    await expect
      .poll(async () => (await lab.systemctl('show', '--value', '--property=ActiveState', unit)).trim(), {
        timeout: 10_000,
      })
      .toMatch(/^(failed|inactive)$/);
    await given.settled();
    const { restarts } = await countInJournal(lab.exec, unit);
    const { automatic, external } = await api.restarts(unit);
    // The restart that failed for want of a file was tried, and some versions count it.
    expect(automatic).toBeLessThanOrEqual(restarts + 1);
    expect(automatic).toBeGreaterThanOrEqual(restarts);
    expect(external).toBe(0);
    const before = automatic;
    await given.settled();
    expect((await api.restarts(unit)).automatic).toBe(before);
  });

  it('renames it: what starts under the new name is another unit', async () => {
    const { lab, api, log } = given;
    await looping('before.service');
    await lab.exec(['mv', '/run/systemd/system/before.service', '/run/systemd/system/behind.service']);
    await lab.systemctl('daemon-reload');
    await looping('behind.service');
    await lab.systemctl('stop', 'behind.service');
    await given.settled();
    const journal = async (unit: string) => (await countInJournal(lab.exec, unit)).restarts;
    expect((await api.restarts('behind.service')).automatic).toBe(await journal('behind.service'));
    const { automatic } = await api.restarts('before.service');
    expect(automatic - (await journal('before.service'))).toBeLessThanOrEqual(1);
    expect(log.incidentEvents('behind.service')).toEqual(['opened']);
  });

  it('calls it by an alias: it is shown by its own name, with its sentence', async () => {
    const { lab } = given;
    await lab.systemctl('enable', '--runtime', '--quiet', 'known.service');
    await looping('known.service');
    const status = await lab.exec([labNode(lab.root), flapdInLab, 'status', 'alias', 'known.service']);
    const [, row = '', , sentence = '', ...rest] = status.stdout.split('\n');
    expect(row).toMatch(/^known\.service {2}looping /);
    expect(sentence).toMatch(/^known\.service is in a restart loop: /);
    // What was found out about it meanwhile stands between.
    expect(rest.slice(-3)).toEqual(['', 'As the running flapd sees it.', '']);
    expect(status.code).toBe(1);
    const json = await lab.exec([labNode(lab.root), flapdInLab, 'status', '--json', 'alias']);
    expect(JSON.parse(json.stdout)).toMatchObject([{ unit: 'known.service', verdict: 'looping' }]);
  });

  it('looks at flapd: it has no complaint', () => {
    expect(complaintsIn(given.log)).toEqual([]);
  });
});
