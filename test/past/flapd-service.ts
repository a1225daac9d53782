import { setTimeout as sleep } from 'node:timers/promises';
import { flapdInLab, labNode, type Lab } from '../lab/lab.ts';
import { FlapdHttp } from '../scenarios/flapd-http.ts';
import { FlapdLog } from '../scenarios/flapd-log.ts';
import { countInJournal, type JournalCount } from '../scenarios/manager-journal.ts';

/** By its path: a test may put another one before it, for flapd. */
const followFlapd = [
  '/usr/bin/journalctl',
  '--follow',
  '--lines=all',
  '--output=cat',
  '_SYSTEMD_UNIT=flapd.service',
];

/** A program that can be killed at any moment and started again, and again. */
function flapdUnit(root: string, more: string): string {
  return `[Unit]
StartLimitIntervalSec=0
[Service]
Type=notify
NotifyAccess=all
ExecStart=${labNode(root)} ${flapdInLab} run --log-level debug
${more}
`;
}

/** flapd in a lab, as a service that a test stops, kills and starts. */
export class FlapdService {
  readonly lab: Lab;
  readonly log: FlapdLog;
  readonly http: FlapdHttp;
  #starts = 0;
  #marks = 0;

  private constructor(lab: Lab) {
    this.lab = lab;
    this.log = new FlapdLog(lab.spawn(followFlapd));
    this.http = new FlapdHttp(lab.exec);
  }

  /** `more`: lines of [Service]. */
  static async install(lab: Lab, units: Readonly<Record<string, string>>, more = ''): Promise<FlapdService> {
    return FlapdService.of(lab, { 'flapd.service': flapdUnit(lab.root, more), ...units });
  }

  /** With a flapd.service of its own among `units`, or one that is installed; it has to log what it restarts. */
  static async of(lab: Lab, units: Readonly<Record<string, string>>): Promise<FlapdService> {
    await lab.addUnits({ 'mark@.service': '[Service]\nExecStart=sleep infinity\n', ...units });
    return new FlapdService(lab);
  }

  async start(): Promise<void> {
    this.#starts += 1;
    await this.lab.systemctl('start', 'flapd.service');
    await this.log.several('watches', this.#starts, ({ message }) => message.includes(' watches '));
  }

  async stop(): Promise<void> {
    await this.lab.systemctl('stop', 'flapd.service');
  }

  async kill(): Promise<void> {
    await this.lab.systemctl('kill', '--signal=KILL', 'flapd.service');
    while ((await this.show('flapd.service', 'ActiveState')) === 'active') await sleep(20);
  }

  async show(unit: string, property: string): Promise<string> {
    return (await this.lab.systemctl('show', `--property=${property}`, '--value', unit)).trim();
  }

  /** Resolves once PID 1 has restarted the unit so many times since it was started. */
  async whenRestarted(unit: string, times: number): Promise<void> {
    while (Number(await this.show(unit, 'NRestarts')) < times) await sleep(50);
  }

  /** Resolves when flapd has taken in all that PID 1 has said until now. */
  async settled(): Promise<void> {
    this.#marks += 1;
    const mark = `mark@${this.#marks}.service`;
    await this.lab.systemctl('start', mark);
    await this.lab.systemctl('restart', mark);
    await this.log.first(`${mark} was restarted`, ({ unit }) => unit === mark);
  }

  /** Automatic restarts and ended runs of a unit that is down for good, as flapd and as the journal count them. */
  async counts(unit: string): Promise<{ flapd: JournalCount; journal: JournalCount }> {
    return {
      flapd: {
        restarts: await this.http.sum('flapd_unit_restarts_total', { name: unit, trigger: 'auto' }),
        runs: await this.http.sum('flapd_unit_exits_total', { name: unit }),
      },
      journal: await countInJournal(this.lab.exec, unit),
    };
  }

  /** `flapd VERB …` in the lab. */
  async cli(
    argv: readonly string[],
    input?: string,
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    await this.lab.exec(['journalctl', '--sync']);
    const program = [labNode(this.lab.root), flapdInLab];
    return this.lab.exec([...program, ...argv], input === undefined ? {} : { input });
  }

  warnings(): readonly string[] {
    return this.log.lines.flatMap(({ level, event, message }) =>
      level === 'warn' && event === undefined ? message : [],
    );
  }
}

export const looping = (status: number, restartSec = '200ms'): string => `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c 'sleep 0.1; exit ${status}'
Restart=on-failure
RestartSec=${restartSec}
`;
