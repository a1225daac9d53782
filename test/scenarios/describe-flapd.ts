import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeLab, type LabOptions } from '../lab/describe-lab.ts';
import { flapdInLab, labNode, type Lab } from '../lab/lab.ts';
import { FlapdHttp } from './flapd-http.ts';
import { FlapdLog, type LogLine } from './flapd-log.ts';
import { countInJournal, type JournalCount } from './manager-journal.ts';

export interface Given {
  readonly lab: Lab;
  readonly log: FlapdLog;
  readonly http: FlapdHttp;
  /** Resolves when flapd has taken in all that PID 1 has said until now. */
  settled(): Promise<void>;
}

export interface FlapdOptions extends LabOptions {
  /** In /etc/systemd/system from the start; flapd.service is added. */
  readonly units: Readonly<Record<string, string>>;
  /** A file in policies.d. */
  readonly policies?: string;
  /** What flapd complains of, as it should. */
  readonly complaints?: RegExp;
}

const followFlapd = ['journalctl', '--follow', '--lines=all', '--output=cat', '_SYSTEMD_UNIT=flapd.service'];

/** Its restart is seen after everything that PID 1 said before. */
const markUnit = '[Service]\nExecStart=sleep infinity\n';

/** A `describe` whose tests share one lab with flapd in it, watching. */
export function describeFlapd(
  title: string,
  { units, policies, complaints, ...options }: FlapdOptions,
  define: (given: Given) => void,
): void {
  const files = {
    ...options.files,
    ...inFolder('/etc/systemd/system', { 'mark@.service': markUnit, ...units }),
    ...(policies === undefined ? {} : { '/etc/flapd/policies.d/10-scenario.yaml': policies }),
  };
  describeLab(
    title,
    (given) => {
      let following: FlapdLog | undefined;
      let marks = 0;
      beforeAll(async () => {
        const { lab } = given;
        await lab.addUnits({ 'flapd.service': flapdUnit(lab.root) });
        await lab.systemctl('start', 'flapd.service');
        following = new FlapdLog(lab.spawn(followFlapd));
        await following.first('watches', ({ message }) => message.includes(' watches '));
      });
      afterAll(() => following?.end());
      const scenario: Given = {
        get lab() {
          return given.lab;
        },
        get log() {
          if (following === undefined) throw new Error('flapd is started in beforeAll');
          return following;
        },
        get http() {
          return new FlapdHttp(given.lab.exec);
        },
        async settled() {
          marks += 1;
          const mark = `mark@${marks}.service`;
          await given.lab.systemctl('start', mark);
          await given.lab.systemctl('restart', mark);
          await this.log.first(`${mark} was restarted`, ({ unit }) => unit === mark);
        },
      };
      define(scenario);
      it('leaves flapd itself up and without a complaint', async () => {
        const { lab, log } = scenario;
        expect(await lab.systemctl('show', '--property=NRestarts', 'flapd.service')).toBe('NRestarts=0\n');
        expect(await lab.systemctl('is-active', 'flapd.service')).toBe('active\n');
        const odd = log.lines.filter((line) => isComplaint(line) && complaints?.test(line.message) !== true);
        expect(odd).toEqual([]);
      });
    },
    { ...options, files },
  );
}

/** What is neither news of an incident nor said for the record. */
function isComplaint({ level, event }: LogLine): boolean {
  return event === undefined && level !== 'info' && level !== 'debug';
}

/** Automatic restarts and ended runs of a unit that is down for good now, as flapd and as the journal count them. */
export async function countsOf(
  { lab, http }: Given,
  unit: string,
): Promise<{ flapd: JournalCount; journal: JournalCount }> {
  return {
    flapd: {
      restarts: await http.sum('flapd_unit_restarts_total', { name: unit, trigger: 'auto' }),
      runs: await http.sum('flapd_unit_exits_total', { name: unit }),
    },
    journal: await countInJournal(lab.exec, unit),
  };
}

/** NotifyAccess=all: up to v252 a helper speaks for flapd, which only root's main process may vouch for. */
function flapdUnit(root: string): string {
  return `[Unit]
Description=flapd, which notices restart loops
[Service]
Type=notify
NotifyAccess=all
ExecStart=${labNode(root)} ${flapdInLab} run --log-level debug
WatchdogSec=60
`;
}

function inFolder(folder: string, files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
}
