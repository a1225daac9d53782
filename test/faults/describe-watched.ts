import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { describeLab, type LabOptions } from '../lab/describe-lab.ts';
import { flapdInLab, labNode, type Lab } from '../lab/lab.ts';
import { FlapdLog } from '../scenarios/flapd-log.ts';
import { countInJournal } from '../scenarios/manager-journal.ts';
import { FlapdApi } from './flapd-api.ts';

export interface Watched {
  readonly lab: Lab;
  readonly log: FlapdLog;
  readonly api: FlapdApi;
  /** Resolves when flapd is connected and has taken in all that PID 1 has said until now. */
  settled(): Promise<void>;
}

export interface WatchedOptions extends LabOptions {
  /** In /run/systemd/system from the start. */
  readonly units?: Readonly<Record<string, string>>;
  /** More lines for the [Service] of flapd.service. */
  readonly service?: string;
}

export const apiSocket = '/run/flapd.sock';
const counters = '/run/crash';

/** Dies `times` times with status 1, each time after `seconds`, and is well from then on. */
const crash = `#!/bin/sh
# crash NAME TIMES SECONDS
read -r n 2>/dev/null <${counters}/"$1" || n=0
[ "$n" -lt "$2" ] || { >${counters}/"$1".over; exec sleep infinity; }
echo $((n + 1)) >${counters}/"$1"
[ "$3" = 0 ] || sleep "$3"
exit 1
`;

export function crashes(times: number, seconds: number, more = ''): string {
  return `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/usr/local/bin/crash %n ${times} ${seconds}
Restart=on-failure
RestartSec=50ms
${more}`;
}

/** How often that unit has died, as its own script counts: needs neither bus nor journal. */
export function deathsOf(lab: Lab, unit: string): number {
  try {
    return Number(readFileSync(`/proc/${lab.leader}/root${counters}/${unit}`, 'utf8'));
  } catch {
    return 0;
  }
}

/** Whether that unit has died as often as it was to, and is well now. */
export function isOver(lab: Lab, unit: string): boolean {
  return existsSync(`/proc/${lab.leader}/root${counters}/${unit}.over`);
}

/** NotifyAccess=all: below v253 a helper speaks for flapd, whom only root's main process may vouch for. */
export function watchedUnit(root: string, more = ''): string {
  return `[Unit]
Description=flapd, which notices restart loops
[Service]
Type=notify
NotifyAccess=all
ExecStart=${labNode(root)} ${flapdInLab} run --log-level debug
ExecReload=kill -HUP $MAINPID
${more}`;
}

/** A `describe` whose tests share one lab, in which flapd watches as a unit of systemd's. */
export function describeWatched(
  title: string,
  { units = {}, service, ...options }: WatchedOptions,
  define: (given: Watched) => void,
): void {
  const files = {
    '/etc/flapd/flapd.yaml': `listen: unix:${apiSocket}\n`,
    '/usr/local/bin/crash': crash,
    [`${counters}/none`]: '0\n',
    ...options.files,
  };
  describeLab(
    title,
    (given) => {
      let log: FlapdLog | undefined;
      let marks = 0;
      beforeAll(async () => {
        const { lab } = given;
        // /run is the lab's own: what was laid there before PID 1 started is gone.
        await lab.exec(['mkdir', '-p', counters]);
        const mark = '[Service]\nExecStart=sleep infinity\n';
        await lab.addUnits({
          'flapd.service': watchedUnit(lab.root, service),
          'mark@.service': mark,
          ...units,
        });
        await lab.systemctl('start', 'flapd.service');
        log = new FlapdLog(
          lab.spawn(['journalctl', '--follow', '--lines=all', '--output=cat', '_SYSTEMD_UNIT=flapd.service']),
        );
        await log.first('watches', ({ message }) => message.includes(' watches '));
      });
      afterAll(() => log?.end());
      define({
        get lab() {
          return given.lab;
        },
        get log() {
          if (log === undefined) throw new Error('flapd is started in beforeAll');
          return log;
        },
        get api() {
          return new FlapdApi(given.lab.leader, apiSocket);
        },
        async settled() {
          await expect
            .poll(async () => (await this.api.get('/readyz')).status, { timeout: 20_000, interval: 20 })
            .toBe(200);
          marks += 1;
          const mark = `mark@${marks}.service`;
          await given.lab.systemctl('start', mark);
          await given.lab.systemctl('restart', mark);
          await this.log.first(`${mark} was restarted`, ({ unit }) => unit === mark);
        },
      });
    },
    { ...options, files },
  );
}

/**
 * Waits until each unit has died as often as it was to, and then for flapd to have counted each restart that systemd logged, once.
 * Below v254 systemd counts and logs a restart that a reload interrupts twice: its own word is what flapd's must agree with.
 */
export async function expectAllCounted(given: Watched, ...units: readonly string[]): Promise<void> {
  const { lab, api } = given;
  await expect
    .poll(() => units.filter((unit) => !isOver(lab, unit)), { timeout: 30_000, interval: 50 })
    .toEqual([]);
  await given.settled();
  for (const unit of units) {
    const { restarts } = await countInJournal(lab.exec, unit);
    const { automatic, external } = await api.restarts(unit);
    expect({ unit, automatic, external }).toEqual({ unit, automatic: restarts, external: 0 });
    expect(restarts).toBeGreaterThanOrEqual(deathsOf(lab, unit));
  }
}

export async function nRestarts(lab: Lab, unit: string): Promise<number> {
  return Number((await lab.systemctl('show', '--value', '--property=NRestarts', unit)).trim());
}

/** Lines of flapd's that are neither news of an incident nor said for the record. */
export function complaintsIn(log: FlapdLog): readonly string[] {
  return log.lines
    .filter(({ level, event }) => event === undefined && level !== 'info' && level !== 'debug')
    .map(({ message }) => message);
}

/** What it did in the lab, and how long that took. */
export async function timed<T>(
  work: () => Promise<T>,
): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startMs = performance.now();
  const value = await work();
  return { value, tookMs: performance.now() - startMs };
}
