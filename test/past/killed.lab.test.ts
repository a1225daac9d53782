import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeLab } from '../lab/describe-lab.ts';
import { FlapdService, looping } from './flapd-service.ts';

const units = ['killed', 'taken', 'stopped', 'six', 'slow', 'torn', 'future'].map(
  (name) => `${name}.service`,
);

const readyz =
  'exec 3<>/dev/tcp/127.0.0.1/9843 && printf "GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n" >&3 && head -1 <&3';

const files = {
  '/etc/flapd/flapd.yaml': 'sinks:\n  page: { type: exec, command: [/usr/local/bin/page] }\n',
  '/usr/local/bin/page': '#!/bin/sh\ncat >/dev/null\necho "$FLAPD_EVENT $FLAPD_UNIT" >>/run/page\n',
};

describeLab('a flapd that is killed, stopped and started again', (given) => {
  let flapd: FlapdService;
  beforeAll(async () => {
    for (const [file, content] of Object.entries(files)) await given.lab.writeFile(file, content);
    flapd = await FlapdService.install(
      given.lab,
      Object.fromEntries(units.map((unit) => [unit, looping(3)])),
    );
  });
  afterAll(() => flapd.log.end());

  const openings = (unit: string): number =>
    flapd.log.incidentEvents(unit).filter((event) => event === 'opened').length;

  /** Once the loop is stopped: all that two tellings of it can differ in. */
  async function endOf(unit: string): Promise<{ flapd: object; journal: object }> {
    await given.lab.systemctl('stop', unit);
    await flapd.settled();
    const { flapd: counted, journal } = await flapd.counts(unit);
    const opened = flapd.log.lines.find((line) => line.event === 'incident-opened' && line.unit === unit);
    const incidents = (await flapd.http.incidents()).filter((each) => each.unit === unit);
    return {
      flapd: {
        ...counted,
        openings: openings(unit),
        incidents: incidents.map(({ id, restarts }) => ({ id, restarts })),
      },
      journal: { ...journal, openings: 1, incidents: [{ id: opened?.incident, restarts: journal.restarts }] },
    };
  }

  it('by SIGKILL in the middle of a loop goes on with the same incident', async () => {
    await flapd.start();
    await given.lab.systemctl('start', 'killed.service');
    await flapd.whenRestarted('killed.service', 7);
    await flapd.kill();
    await flapd.whenRestarted('killed.service', 9);
    await flapd.start();
    await flapd.whenRestarted('killed.service', 12);
    const told = await endOf('killed.service');
    expect(told.flapd).toEqual(told.journal);
  });

  it('by SIGKILL as soon as a sink was told tells it no second time', async () => {
    const delivered = (): Promise<number> =>
      flapd.http.sum('flapd_notifications_total', { sink: 'page', outcome: 'delivered' });
    const from = await delivered();
    await given.lab.systemctl('start', 'taken.service');
    await expect.poll(delivered, { timeout: 20_000, interval: 20 }).toBeGreaterThan(from);
    await flapd.kill();
    await flapd.start();
    // It tells what it still has to tell before it ends.
    await flapd.stop();
    await given.lab.systemctl('stop', 'taken.service');
    const { stdout } = await given.lab.exec(['grep', ' taken.service$', '/run/page']);
    expect(stdout).toBe('opened taken.service\n');
    await flapd.start();
  });

  it('that was down for ten restarts counts those ten, once', async () => {
    const before = await restartsBefore('stopped.service');
    await flapd.stop();
    const from = Number(await flapd.show('stopped.service', 'NRestarts'));
    await flapd.whenRestarted('stopped.service', from + 10);
    await flapd.start();
    expect(before).toBeGreaterThan(5);
    const told = await endOf('stopped.service');
    expect(told.flapd).toEqual(told.journal);
  });

  async function restartsBefore(unit: string): Promise<number> {
    await given.lab.systemctl('start', unit);
    await flapd.whenRestarted(unit, 6);
    await flapd.settled();
    return flapd.http.sum('flapd_unit_restarts_total', { name: unit, trigger: 'auto' });
  }

  it('six times in a row in the middle of a loop counts what the journal counts', async () => {
    await given.lab.systemctl('start', 'six.service');
    for (let round = 1; round <= 6; round += 1) {
      await flapd.whenRestarted('six.service', round * 3);
      await (round % 2 === 0 ? flapd.kill() : flapd.stop());
      await flapd.start();
    }
    const told = await endOf('six.service');
    expect(told.flapd).toEqual(told.journal);
  });

  describe('with a journal that takes seconds to read', () => {
    it('is not ready until it is read, and counts nothing twice that was both in there and signalled', async () => {
      const { lab } = given;
      await lab.systemctl('start', 'slow.service');
      await flapd.whenRestarted('slow.service', 6);
      await flapd.settled();
      await flapd.kill();
      await lab.writeFile(
        '/usr/local/bin/journalctl',
        '#!/bin/sh\n[ "$1" = --output=json ] && sleep 3\nexec /usr/bin/journalctl "$@"\n',
      );
      const starting = flapd.start();
      await expect.poll(() => readiness(), { timeout: 20_000 }).toContain(' 503 ');
      const from = Number(await flapd.show('slow.service', 'NRestarts'));
      await starting;
      expect(await readiness()).toContain(' 200 ');
      await lab.exec(['rm', '/usr/local/bin/journalctl']);
      await flapd.whenRestarted('slow.service', from + 8);
      const told = await endOf('slow.service');
      expect(told.flapd).toEqual(told.journal);
    });
  });

  async function readiness(): Promise<string> {
    return (await given.lab.exec(['bash', '-c', readyz])).stdout;
  }

  const stateFile = '/var/lib/flapd/state.json';

  it.each([
    { unit: 'torn.service', what: 'torn', damage: `truncate -s 100 ${stateFile}`, why: 'it is torn' },
    {
      unit: 'future.service',
      what: 'of a version to come',
      damage: `sed -i 's/"version":1/"version":9/' ${stateFile}`,
      why: 'it is of version 9',
    },
  ])('sets a state file aside that is $what, says so, and starts', async ({ unit, damage, why }) => {
    const { lab } = given;
    await lab.systemctl('start', unit);
    await flapd.whenRestarted(unit, 3);
    await flapd.stop();
    await lab.exec(['sh', '-c', damage]);
    await flapd.start();
    const told = flapd.warnings().filter((message) => message.includes(why));
    expect(told).toHaveLength(1);
    const aside = /kept as (\S+)\.$/.exec(told[0] ?? '')?.[1] ?? '';
    expect((await lab.exec(['test', '-s', aside])).code).toBe(0);
    await flapd.whenRestarted(unit, 7);
    await lab.systemctl('stop', unit);
    await flapd.settled();
    expect(openings(unit)).toBe(1);
  });

  it('says once that it cannot save its state, and goes on', async () => {
    const { lab } = given;
    await flapd.stop();
    await lab.exec(['sh', '-c', 'rm -rf /var/lib/flapd && touch /var/lib/flapd']);
    await flapd.start();
    await flapd.settled();
    await sleep(2500);
    await flapd.settled();
    expect(flapd.warnings().filter((message) => message.includes('Cannot save the state'))).toHaveLength(1);
    expect(await flapd.show('flapd.service', 'ActiveState')).toBe('active');
    await flapd.stop();
    await lab.exec(['rm', '/var/lib/flapd']);
  });
});
