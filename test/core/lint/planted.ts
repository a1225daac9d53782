import * as fc from 'fast-check';
import { fragment, pastOf, type Given } from './subject-of.ts';

/** A service that nothing is wrong with, as lines by section. */
interface Sound {
  readonly Unit: readonly string[];
  readonly Service: readonly string[];
  readonly given: Given;
}

/** One fault, planted into a sound service: which findings it must lead to, and nothing else. */
interface Fault {
  readonly ids: readonly string[];
  /** Where systemd does not know the directives yet. */
  readonly idsBefore254?: readonly string[];
  /** It shows in what the service did, not in its files. */
  readonly inPast?: true;
  readonly into: (sound: Sound) => Sound;
}

const unit =
  (...lines: readonly string[]) =>
  (sound: Sound): Sound => ({ ...sound, Unit: [...sound.Unit, ...lines] });
const service =
  (...lines: readonly string[]) =>
  (sound: Sound): Sound => ({
    ...sound,
    Service: [...sound.Service, ...lines],
  });
const both =
  (...steps: readonly ((sound: Sound) => Sound)[]) =>
  (sound: Sound): Sound =>
    steps.reduce((whole, step) => step(whole), sound);

/** Of those that would change what another one says, one is chosen: the limits, and the type. */
const limitFaults: readonly Fault[] = [
  {
    ids: ['delay-does-not-grow'],
    idsBefore254: ['ignored-line'],
    into: service('RestartSteps=4'),
  },
  { ids: ['start-limit-out-of-reach'], into: both(unit('StartLimitBurst=5'), service('RestartSec=20')) },
  {
    ids: ['start-limit-off'],
    into: both(unit('StartLimitIntervalSec=0'), service('Restart=always', 'RestartSec=1')),
  },
  {
    ids: ['burst-burned-at-once'],
    into: both(unit('Requires=db.service', 'After=db.service'), service('RestartSec=100ms')),
  },
  {
    ids: ['on-failure-skipped', 'start-limit-off'],
    idsBefore254: ['ignored-line', 'start-limit-off'],
    into: both(
      unit('OnFailure=page.service', 'StartLimitBurst=0'),
      service('Restart=always', 'RestartMode=direct'),
    ),
  },
  {
    ids: ['oneshot-restart'],
    into: service('Type=oneshot', 'Restart=always'),
  },
];

const otherFaults: readonly Fault[] = [
  { ids: ['ignored-line'], into: service('NoSuchKey=1') },
  { ids: ['wrong-section'], into: service('StartLimitIntervalSec=5min') },
  { ids: ['wrong-section'], into: unit('RestartSec=5') },
  {
    ids: ['drop-in-overridden'],
    into: (sound) => ({
      ...sound,
      given: {
        ...sound.given,
        dropIns: {
          '10.conf': '[Service]\nTimeoutStopSec=3\nSuccessExitStatus=3\n',
          '20.conf': '[Service]\nSuccessExitStatus=\n',
        },
      },
    }),
  },
];

/** These need a service that is restarted, and a `simple` one. */
const runFaults: readonly Fault[] = [
  {
    ids: ['prevent-misses-start-pre'],
    into: service("ExecStartPre=/bin/sh -c 'exit 42'", 'RestartPreventExitStatus=42'),
  },
  { ids: ['watchdog-uncovered'], into: service('WatchdogSec=1min', 'RestartPreventExitStatus=SIGABRT') },
  {
    ids: ['never-ready'],
    inPast: true,
    into: both(service('Type=notify'), (sound) => ({
      ...sound,
      given: { ...sound.given, past: pastOf({ neverReady: 3 }) },
    })),
  },
];

const soundLines = fc.record({
  Unit: fc.subarray([
    'Description=A = B',
    'Documentation=man:a(8)',
    'After=network.target',
    'Wants=network-online.target',
    'OnFailure=mail@%n.service',
    '# StartLimitIntervalSec=0',
  ]),
  Service: fc.subarray([
    'User=nobody',
    'Environment=A=1 \\\n  B=2',
    'TimeoutStopSec=5',
    'SuccessExitStatus=143',
    '; Restart=always',
    'RestartForceExitStatus=75',
    'LimitNOFILE=1024',
    'ExecReload=/bin/kill -HUP $MAINPID',
    'NoNewPrivileges=yes',
  ]),
});

export interface Planted {
  readonly text: string;
  /** By their names, in the order in which they are read. */
  readonly dropIns: Readonly<Record<string, string>>;
  /** All else that is known of it. */
  readonly given: Given;
  /** What is to be found, sorted. */
  readonly ids: readonly string[];
}

/** Up to one fault of each group in a service that is otherwise sound; `files`: only what its files alone show. */
export function planted(systemdVersion: number, only?: 'files'): fc.Arbitrary<Planted> {
  const shown = runFaults.filter(({ inPast }) => only === undefined || inPast !== true);
  return fc
    .record({
      lines: soundLines,
      limit: fc.option(fc.constantFrom(...limitFaults), { nil: undefined }),
      others: fc.subarray([...otherFaults]),
      run: fc.option(fc.constantFrom(...shown), { nil: undefined }),
    })
    .map(({ lines, limit, others, run }) => {
      // A prevented status is a way into `failed`, and a oneshot has no use for the rest.
      const clash = ['on-failure-skipped', 'oneshot-restart'].some((id) => limit?.ids.includes(id) === true);
      const faults = [limit, ...others, clash ? undefined : run].filter((each) => each !== undefined);
      return plant(lines, faults, systemdVersion);
    });
}

function plant(
  lines: Pick<Sound, 'Unit' | 'Service'>,
  faults: readonly Fault[],
  systemdVersion: number,
): Planted {
  const sound: Sound = {
    Unit: lines.Unit,
    Service: ['ExecStart=/usr/bin/a --flag', 'Restart=on-failure', 'RestartSec=1500ms', ...lines.Service],
    given: {},
  };
  const { Unit, Service, given } = both(...faults.map(({ into }) => into))(sound);
  const text = `[Unit]\n${Unit.join('\n')}\n\n[Service]\n${Service.join('\n')}\n\n[Install]\nWantedBy=multi-user.target\n`;
  const { dropIns = {}, ...known } = given;
  const ids = faults.flatMap((each) =>
    systemdVersion < 254 && each.idsBefore254 !== undefined ? each.idsBefore254 : each.ids,
  );
  return {
    text,
    dropIns,
    given: { ...known, complaints: complaintsAbout(text) },
    ids: ids.toSorted(),
  };
}

const unknownKey = 'NoSuchKey';

/** As systemd says it of the one key that none of its versions knows. */
function complaintsAbout(text: string): Given['complaints'] & {} {
  const index = text.split('\n').findIndex((line) => line.startsWith(`${unknownKey}=`));
  const message = `Unknown key '${unknownKey}' in section [Service], ignoring.`;
  return index < 0 ? [] : [{ file: fragment, line: index + 1, message }];
}
