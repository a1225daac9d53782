import { expect, it } from 'vitest';
import { unitPath } from '../../src/core/unit-name.ts';
import { complaintsIn, crashes, describeWatched, expectAllCounted } from './describe-watched.ts';

const nobody = { uid: 65534, gid: 65534 };
const systemd = 'org.freedesktop.systemd1';
const managerPath = '/org/freedesktop/systemd1';
const changed = ['org.freedesktop.DBus.Properties', 'PropertiesChanged', 'sa{sv}as'];

/** As `busctl emit` wants them. */
type Signal = readonly string[];

const invocation = Array.from({ length: 16 }, (_, index) => String(index));

/** What PID 1 sends, Service part and Unit part, when a unit has just died for the fiftieth time. */
function death(unit: string): readonly Signal[] {
  const usec = ['t', '5000000'];
  const service = [
    ...['Result', 's', 'exit-code', 'NRestarts', 'u', '50', 'MainPID', 'u', '0', 'ControlPID', 'u', '0'],
    ...['ExecMainPID', 'u', '99', 'ExecMainCode', 'i', '1', 'ExecMainStatus', 'i', '1'],
    ...['ExecMainStartTimestampMonotonic', ...usec, 'ExecMainExitTimestampMonotonic', ...usec],
  ];
  const state = [
    ...['ActiveState', 's', 'activating', 'SubState', 's', 'auto-restart'],
    ...['Job', '(uo)', '7', `${managerPath}/job/7`, 'InvocationID', 'ay', '16', ...invocation],
    ...['InactiveExitTimestampMonotonic', ...usec, 'InactiveEnterTimestampMonotonic', ...usec],
    ...['ActiveEnterTimestampMonotonic', ...usec],
  ];
  const path = unitPath(unit);
  return [
    [path, ...changed, `${systemd}.Service`, '9', ...service, '0'],
    [path, ...changed, `${systemd}.Unit`, '7', ...state, '0'],
  ];
}

function ofManager(member: string, ...body: readonly string[]): Signal {
  return [managerPath, `${systemd}.Manager`, member, ...body];
}

const forged: readonly Signal[] = [
  ...death('victim.service'),
  ...death('never-there.service'),
  ofManager('UnitNew', 'so', 'never-there.service', unitPath('never-there.service')),
  // To have been told so would set its counter back, and count its restarts twice.
  ofManager('UnitRemoved', 'so', 'loops.service', unitPath('loops.service')),
  // Whoever believes the first without a second is deaf for units that come and go.
  ofManager('Reloading', 'b', 'true'),
  [
    ...['/org/freedesktop/DBus', 'org.freedesktop.DBus', 'NameOwnerChanged', 'sss'],
    ...[systemd, ':1.0', ':1.99'],
  ],
];

const units = {
  'victim.service': '[Service]\nExecStart=sleep infinity\n',
  'loops.service': crashes(20, 0.1),
  'after.service': crashes(3, 0),
};

describeWatched("an ordinary user who sends systemd's signals", { units, users: true }, (given) => {
  /** Of the bus connection that flapd has. */
  const uniqueName = async (): Promise<string> => {
    const { stdout } = await given.lab.exec(['busctl', 'list', '--unique', '--no-legend', '--full']);
    const [name] =
      stdout
        .split('\n')
        .find((line) => line.includes('flapd.service'))
        ?.split(/\s+/) ?? [];
    if (name === undefined) throw new Error(`flapd is not on the bus:\n${stdout}`);
    return name;
  };
  const send = async (signals: readonly Signal[], destination: readonly string[]): Promise<void> => {
    for (const signal of signals) {
      const { code, stderr } = await given.lab.exec(['busctl', 'emit', ...destination, ...signal], {
        user: nobody,
      });
      expect({ signal, code, stderr }).toEqual({ signal, code: 0, stderr: '' });
    }
  };
  const expectNothingBelieved = async (): Promise<void> => {
    const { api } = given;
    await given.settled();
    expect(await api.restarts('victim.service')).toEqual({ automatic: 0, external: 0, inferred: 0 });
    expect((await api.units()).map(({ unit }) => unit)).not.toContain('never-there.service');
    expect((await api.units()).filter(({ unit }) => unit === 'victim.service')).toEqual([]);
  };

  it('to flapd itself: changes nothing, also in the middle of a loop', async () => {
    const { lab, log } = given;
    await lab.systemctl('start', 'victim.service', 'loops.service');
    await log.first('a restart', (line) => line.event === 'restarted' && line.unit === 'loops.service');
    await send(forged, [`--destination=${await uniqueName()}`]);
    await expectNothingBelieved();
    await expectAllCounted(given, 'loops.service');
  });

  it('to everybody: changes nothing either', async () => {
    await send(forged, []);
    await expectNothingBelieved();
  });

  it('a thousand times over: flapd still hears the real ones', async () => {
    const { lab, api, log } = given;
    const [first = []] = forged;
    const script =
      'i=0; while [ $i -lt 250 ]; do busctl emit "$@" & busctl emit "$@" & busctl emit "$@" & busctl emit "$@"; i=$((i + 1)); wait; done';
    const flood = lab.exec(['sh', '-c', script, 'sh', `--destination=${await uniqueName()}`, ...first], {
      user: nobody,
      timeoutMs: 55_000,
    });
    await lab.systemctl('start', 'after.service');
    await expectAllCounted(given, 'after.service');
    await flood;
    const before = await api.metric('flapd_units_watched');
    const watchedBecomes = async (wanted: number): Promise<void> =>
      await expect.poll(() => api.metric('flapd_units_watched')).toBe(wanted);
    await lab.exec(['systemd-run', '--unit=transient', '--quiet', 'sleep', 'infinity']);
    await watchedBecomes(before + 1);
    await lab.systemctl('stop', 'transient.service');
    await watchedBecomes(before);
    await expectNothingBelieved();
    expect(complaintsIn(log)).toEqual([]);
  });
});
