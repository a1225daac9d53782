import { describe, expect, it } from 'vitest';
import type { ExitKindView } from '../../src/core/view.ts';
import { describeFlapd, countsOf } from './describe-flapd.ts';

interface Death {
  readonly unit: string;
  readonly service: string;
  readonly exit: ExitKindView;
  /** What the sentence says of it. */
  readonly words: RegExp;
  /** The systemd that brought what the unit needs. */
  readonly since?: number;
}

const killed = (name: string, status: number): ExitKindView => ({
  process: 'main',
  code: 'killed',
  status,
  name,
  result: 'signal',
});

const deaths: readonly Death[] = [
  {
    unit: 'segfault.service',
    service: `LimitCORE=0
ExecStart=sh -c 'sleep 0.1; kill -SEGV $$$$'
Restart=on-failure`,
    exit: killed('SIGSEGV', 11),
    words: /; the main process was killed by SIGSEGV after [\d.]+m?s/,
  },
  {
    unit: 'killed.service',
    service: `ExecStart=sh -c 'sleep 0.1; kill -KILL $$$$'
Restart=on-failure`,
    exit: killed('SIGKILL', 9),
    words: /; the main process was killed by SIGKILL after [\d.]+m?s/,
  },
  {
    unit: 'watchdog.service',
    service: `Type=notify
NotifyAccess=all
WatchdogSec=200ms
LimitCORE=0
ExecStart=sh -c 'systemd-notify --ready; exec sleep 60'
Restart=on-failure`,
    exit: { ...killed('SIGABRT', 6), result: 'watchdog' },
    words: /; the watchdog ran out and systemd sent SIGABRT after [\d.]+m?s/,
  },
  {
    unit: 'start-timeout.service',
    service: `Type=notify
TimeoutStartSec=200ms
ExecStart=sleep 60
Restart=on-failure`,
    exit: { ...killed('SIGTERM', 15), result: 'timeout' },
    words: /; its start timed out and systemd sent SIGTERM after [\d.]+m?s/,
  },
  {
    // systemd has the status of a control process until the next start only: where it saturates its two cores, flapd's
    // question needs more than the usual 100 ms.
    unit: 'start-pre.service',
    service: `ExecStartPre=sh -c 'sleep 0.1; exit 42'
ExecStart=sleep 60
RestartSec=1s
Restart=on-failure`,
    exit: { process: 'ExecStartPre', code: 'exited', status: 42, result: 'exit-code' },
    words: /; ExecStartPre exited with status 42 after [\d.]+m?s/,
  },
  {
    unit: 'no-binary.service',
    service: `ExecStart=/nonexistent/binary
Restart=on-failure`,
    exit: { process: 'main', code: 'exited', status: 203, name: 'EXEC', result: 'exit-code' },
    words: /; the main process exited with status 203\/EXEC after [\d.]+m?s/,
  },
  {
    unit: 'always.service',
    service: `ExecStart=sh -c 'sleep 0.1; exit 0'
Restart=always`,
    exit: { process: 'main', code: 'exited', status: 0, name: 'SUCCESS', result: 'success' },
    words: /; the main process exited with status 0\/SUCCESS after [\d.]+m?s/,
  },
  {
    unit: 'direct.service',
    service: `ExecStart=sh -c 'sleep 0.1; exit 75'
Restart=on-failure
RestartMode=direct`,
    exit: { process: 'main', code: 'exited', status: 75, name: 'TEMPFAIL', result: 'exit-code' },
    words: /; the main process exited with status 75\/TEMPFAIL after [\d.]+m?s/,
    since: 254,
  },
];

/** At this pace systemd's own start limit would end each loop at five. */
const units = Object.fromEntries(
  deaths.map(({ unit, service }) => [
    unit,
    `[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestartSec=200ms\n${service}\n`,
  ]),
);

describeFlapd('a service that loops', { units }, (given) => {
  it('is told of, also where others loop at the same time', async () => {
    const { lab, log } = given;
    const named = deaths.filter(({ since = 0 }) => since <= lab.systemdVersion).map(({ unit }) => unit);
    await lab.systemctl('start', '--no-block', ...named);
    for (const unit of named) {
      await log.several(
        `${unit} restarted 7 times`,
        7,
        (line) => line.event === 'restarted' && line.unit === unit,
      );
    }
    await lab.systemctl('stop', ...named);
    await given.settled();
    expect((await given.http.incidents()).map(({ unit }) => unit).toSorted()).toEqual(named.toSorted());
  });

  describe.each(deaths)('$unit', ({ unit, exit, words, since = 0 }) => {
    it('opens one incident that names its exit, and is counted as by the journal', async ({ skip }) => {
      skip(
        given.lab.systemdVersion < since,
        `systemd ${given.lab.systemdVersion} can't do it: ${since} brought it`,
      );
      const { log, http } = given;
      expect(log.incidentEvents(unit)).toEqual(['opened']);
      const opened = log.lines.find((line) => line.event === 'incident-opened' && line.unit === unit);
      expect(opened).toMatchObject({ kind: 'loop', rule: { restarts: 5, within: '2min' }, restarts: 5 });
      expect(opened?.exits).toEqual([{ ...exit, count: 5 }]);
      expect(opened?.message).toMatch(words);
      const incident = (await http.incidents()).find((each) => each.unit === unit);
      expect(incident?.id).toBe(opened?.incident);
      expect(incident?.exits[0]).toMatchObject(exit);
      const { flapd, journal } = await countsOf(given, unit);
      expect(flapd).toEqual(journal);
      expect(incident?.restarts).toBe(journal.restarts);
    });
  });
});
