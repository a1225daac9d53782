import { describe, expect, test } from 'vitest';
import { renderStatus, type StatusText } from '../../src/cli/status-table.ts';
import type { ExitView, IncidentView, UnitView } from '../../src/core/view.ts';

const nowMs = Date.parse('2026-11-23T18:00:00.000Z');
const at = (secondsAgo: number): string => new Date(nowMs - secondsAgo * 1000).toISOString();

const exit: ExitView = {
  at: at(2),
  process: 'main',
  code: 'exited',
  status: 1,
  name: 'FAILURE',
  result: 'exit-code',
  summary: 'the main process exited with status 1/FAILURE',
  uptimeSeconds: 8,
};

const logstash: UnitView = {
  unit: 'logstash.service',
  verdict: 'looping',
  policy: 'default',
  mode: 'recommend',
  restarts: { automatic: 43, external: 0, inferred: 0 },
  window: [],
  timeline: { sliceSeconds: 30, restarts: [3, 4, 4, 4, 4, 4, 3, 4, 4, 3, 3, 3] },
  periodSeconds: 8.1,
  lastExit: exit,
  exits: [],
  burnedCpuSeconds: 301.5,
  incident: 'i-1',
};

const braked: UnitView = {
  ...logstash,
  unit: 'web@1.service',
  verdict: 'braked',
  restarts: { automatic: 5, external: 2, inferred: 0 },
  timeline: { sliceSeconds: 5, restarts: [0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0] },
  lastExit: {
    at: at(90),
    process: 'ExecStartPre',
    code: 'killed',
    status: 9,
    name: 'SIGKILL',
    result: 'signal',
    summary: 'ExecStartPre was killed by SIGKILL',
  },
  incident: 'i-2',
};

const recovering: UnitView = {
  ...logstash,
  unit: 'riemann.service',
  verdict: 'recovering',
  restarts: { automatic: 12, external: 0, inferred: 0 },
  incident: 'i-3',
};

/** Nothing is known but that it is there. */
const quiet: UnitView = {
  unit: 'cron.service',
  verdict: 'calm',
  policy: 'default',
  mode: 'recommend',
  restarts: { automatic: 0, external: 0, inferred: 0 },
  window: [],
  timeline: { sliceSeconds: 5, restarts: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
  exits: [],
};

const failed: UnitView = {
  ...quiet,
  unit: 'once.service',
  lastExit: { ...exit, at: at(0), uptimeSeconds: 0 },
};

function incident(id: string, unit: string, more: Partial<IncidentView> = {}): IncidentView {
  return {
    id,
    unit,
    kind: 'loop',
    openedAt: at(300),
    policy: 'default',
    restarts: 5,
    exits: [],
    groups: [],
    sentence: `${unit} is in a restart loop.`,
    ...more,
  };
}

function render(units: readonly UnitView[], more: Partial<StatusText> = {}): string {
  return renderStatus({
    picture: { from: 'daemon', units, incidents: [] },
    shown: units,
    all: false,
    color: false,
    columns: undefined,
    nowMs,
    ...more,
  });
}

describe('what flapd status shows', () => {
  test('where nothing loops: one sentence', () => {
    expect(render([])).toBe('No service is in a restart loop.\nAs the running flapd sees it.\n');
  });

  test('where nothing loops, but something restarted: how to see it', () => {
    const picture = { from: 'daemon', units: [quiet, failed], incidents: [] } as const;
    expect(render([], { picture })).toBe(
      'No service is in a restart loop; 2 services have restarted or failed: flapd status --all\n' +
        'As the running flapd sees it.\n',
    );
  });

  test('with --all, where nothing ever restarted', () => {
    expect(render([], { all: true })).toBe(
      'No service restarted or failed.\nAs the running flapd sees it.\n',
    );
  });

  test('one loop: its row, and its sentence', () => {
    const picture = {
      from: 'daemon',
      units: [logstash],
      incidents: [
        incident('i-1', 'logstash.service'),
        incident('i-0', 'logstash.service', { closedAt: at(100), sentence: 'an old one' }),
        incident('i-9', 'another.service', { sentence: "another unit's" }),
      ],
    } as const;
    expect(render([logstash], { picture }))
      .toBe(`UNIT              VERDICT  RESTARTS  PERIOD  CPU      TREND              LAST EXIT
logstash.service  looping  43        8.1s    5min 2s  ▆█████▆██▆▆▆ 6min  the main process exited with status 1/FAILURE after 8s, 2s ago

logstash.service is in a restart loop.

As the running flapd sees it.
`);
  });

  test('on how many incidents there was no time to advise', () => {
    const picture = {
      from: 'systemd',
      units: [logstash],
      incidents: [],
      lookBackMs: 24 * 3_600_000,
    } as const;
    expect(render([logstash], { picture: { ...picture, unadvised: 2 } })).toContain(
      '\nFor advice on 2 more incidents: flapd advise\n',
    );
    expect(render([logstash], { picture: { ...picture, unadvised: 0 } })).not.toContain('advice');
  });

  test('a loop, one that was given up and one that recovers, with restarts from outside', () => {
    const units = [braked, logstash, recovering];
    expect(
      render(units)
        .split('\n')
        .slice(0, 4)
        .map((line) => line.replace(/ +/g, ' ')),
    ).toEqual([
      'UNIT VERDICT RESTARTS PERIOD CPU TREND LAST EXIT',
      'web@1.service braked 7 (2 external) 8.1s 5min 2s ········█··· 1min ExecStartPre was killed by SIGKILL, 1min 30s ago',
      'logstash.service looping 43 8.1s 5min 2s ▆█████▆██▆▆▆ 6min the main process exited with status 1/FAILURE after 8s, 2s ago',
      'riemann.service recovering 12 8.1s 5min 2s ▆█████▆██▆▆▆ 6min the main process exited with status 1/FAILURE after 8s, 2s ago',
    ]);
    const columns = render(units)
      .split('\n')
      .slice(0, 4)
      .map((line) => line.search(/LAST EXIT|ExecStartPre|the main/));
    expect(new Set(columns).size).toBe(1);
  });

  test('with --all, units that never restarted or only just failed', () => {
    expect(render([quiet, failed], { all: true }))
      .toBe(`UNIT          VERDICT  RESTARTS  PERIOD  CPU  TREND  LAST EXIT
cron.service  calm     0         -       -    -      -
once.service  calm     0         -       -    -      the main process exited with status 1/FAILURE at once, just now

As the running flapd sees it.
`);
  });

  test('an exit that the clock says is still to come was just now', () => {
    const early = { ...failed, lastExit: { ...exit, at: at(-60) } };
    expect(render([early])).toContain('after 8s, just now\n');
  });
});

describe('where the picture comes from', () => {
  const from = 'systemd';
  const lookBackMs = 24 * 3_600_000;

  test('without a daemon: why, and what was read', () => {
    const instead = 'no flapd answers on 127.0.0.1:9843';
    const text = render([], { picture: { from, units: [], incidents: [], instead, lookBackMs } });
    expect(text.split('\n')[1]).toBe(
      'No flapd answers on 127.0.0.1:9843: read from systemd and the last 24h of the journal.',
    );
  });

  test('where there is no daemon to ask', () => {
    const text = render([], { picture: { from, units: [], incidents: [], lookBackMs: 7 * lookBackMs } });
    expect(text.split('\n')[1]).toBe('Read from systemd and the last 168h of the journal.');
  });

  test('a warning stands before it', () => {
    const warning = 'The running flapd is not connected.';
    const text = render([], { picture: { from: 'daemon', units: [], incidents: [], warning } });
    expect(text.split('\n').slice(1)).toEqual([warning, 'As the running flapd sees it.', '']);
  });

  test('whoever has not seen the past calls no unit calm, and does not say that nothing loops', () => {
    const counted = { ...quiet, restarts: { automatic: 7, external: 0, inferred: 7 } };
    const warning = "The journal can't be read.";
    const unseen = { from, incidents: [], warning, lookBackMs, pastUnknown: true } as const;
    expect(render([], { picture: { ...unseen, units: [] } })).toBe(
      `systemd counts no restart of any service.\n${warning}\nRead from systemd alone.\n`,
    );
    expect(render([], { picture: { ...unseen, units: [counted] } })).toBe(
      `By systemd's own counters 1 service has restarted: flapd status --all\n${warning}\nRead from systemd alone.\n`,
    );
    expect(render([counted], { all: true, picture: { ...unseen, units: [counted] } })).toBe(
      `UNIT          VERDICT  RESTARTS  PERIOD  CPU  TREND  LAST EXIT
cron.service  ?        7         -       -    -      -

${warning}
Read from systemd alone.
`,
    );
  });
});

describe('on a terminal', () => {
  const rows = (units: readonly UnitView[], columns: number): readonly string[] =>
    render(units, { columns })
      .split('\n')
      .slice(0, units.length + 1);

  test('that is wide enough nothing is left out', () => {
    expect(rows([logstash], 200)).toEqual(render([logstash]).split('\n').slice(0, 2));
  });

  test('that is too narrow the trend goes first, since the last exit says more', () => {
    expect(rows([logstash], 100)).toEqual([
      'UNIT              VERDICT  RESTARTS  PERIOD  CPU      LAST EXIT',
      'logstash.service  looping  43        8.1s    5min 2s  exited with status 1/FAILURE after 8s, 2s ago',
    ]);
  });

  test('of 60 columns each row is cut where the width ends', () => {
    expect(rows([logstash], 60)).toEqual([
      'UNIT              VERDICT  RESTARTS  PERIOD  CPU      LAST …',
      'logstash.service  looping  43        8.1s    5min 2s  exite…',
    ]);
  });

  test.each([1, 2, 3, 10, 17, 25, 26, 27])('of %i columns no row is longer', (columns) => {
    for (const row of rows([logstash, braked], columns)) expect(row.length).toBeLessThanOrEqual(columns);
  });

  test('a sentence is never cut', () => {
    const sentence = `logstash.service is in a restart loop: ${'and so on '.repeat(30)}`;
    const picture = {
      from: 'daemon',
      units: [logstash],
      incidents: [incident('i-1', 'logstash.service', { sentence })],
    } as const;
    expect(render([logstash], { columns: 40, picture })).toContain(`\n${sentence}\n`);
  });
});

test('of a unit that loops with another one, the sentence of the incident that they are in is shown', () => {
  const member = { ...logstash, unit: 'web.service', incident: 'i-9' };
  const picture = {
    from: 'daemon',
    units: [member],
    incidents: [incident('i-9', 'db.service', { groups: ['web.service'] })],
  } as const;
  expect(render([member], { picture })).toContain('\n\ndb.service is in a restart loop.\n\n');
});

test('a silenced unit is said to be', () => {
  const silenced = { ...logstash, silencedUntil: '2026-01-02T12:30:00.000Z' };
  expect(render([silenced])).toMatch(
    /^logstash\.service is silenced until 2026-01-02 \d\d:[03]0:00: nobody but the log is told\.$/m,
  );
});

describe('a remedy', () => {
  const remedy: NonNullable<UnitView['remedy']> = {
    unit: 'logstash.service',
    dropIn: '/run/systemd/system/logstash.service.d/90-flapd.conf',
    directives: [{ section: 'Service', directive: 'RestartSec', to: '5s' }],
    until: '2026-01-02T12:30:00.000Z',
    outcome: 'pending',
  };
  const shown = (change: Partial<typeof remedy>, from: 'daemon' | 'systemd' = 'daemon'): string =>
    render([{ ...logstash, remedy: { ...remedy, ...change } }], {
      picture: { from, units: [logstash], incidents: [] },
    });

  test.each([
    [{}, 'until 2026-01-02 12:30:00: watched whether it helps.'],
    [
      { reason: 'at most 1 restart is predicted in 1min 20s' },
      'until 2026-01-02 12:30:00: watched whether it helps, at most 1 restart is predicted in 1min 20s.',
    ],
    [
      { outcome: 'helped', reason: 'it rests in failed' },
      'until 2026-01-02 12:30:00: helped, it rests in failed.',
    ],
  ] as const)('in force is said: %j', (change, says) => {
    const sentence = `logstash.service has RestartSec=5s by flapd in force ${says}`;
    expect(shown(change).replace(/ \d\d:([03]0:00)/, ' 12:$1')).toContain(`\n${sentence}\n`);
  });

  test('that nobody watches is not judged, and one that is not in force not shown', () => {
    expect(shown({}, 'systemd')).toMatch(
      /^logstash\.service has RestartSec=5s by flapd in force until \S+ \S+\.$/m,
    );
    const { dropIn: _, ...over } = remedy;
    expect(render([{ ...logstash, remedy: { ...over, outcome: 'reverted' } }])).not.toContain('by flapd');
  });
});

describe('in colour', () => {
  const verdicts = (units: readonly UnitView[], more: Partial<StatusText> = {}): readonly string[] =>
    render(units, { color: true, ...more })
      .split('\n')
      .flatMap((line) => line.match(/\u001b\[.*?\u001b\[0m/g) ?? []); // eslint-disable-line no-control-regex

  test('the verdict alone has it: red for what is down, yellow for what may be', () => {
    const suspect = { ...logstash, verdict: 'suspect' } as const;
    expect(verdicts([braked, logstash, recovering, suspect, quiet])).toEqual([
      '\u001b[31mbraked\u001b[0m',
      '\u001b[31mlooping\u001b[0m',
      '\u001b[33mrecovering\u001b[0m',
      '\u001b[33msuspect\u001b[0m',
    ]);
  });

  test('a unit whose name is a verdict keeps its name plain', () => {
    const named = { ...logstash, unit: 'looping.service' };
    expect(render([named], { color: true })).toContain('\nlooping.service  \u001b[31mlooping\u001b[0m');
  });

  test('a row that is cut before or within the verdict has none', () => {
    expect(verdicts([logstash], { columns: 20 })).toEqual([]);
    expect(verdicts([logstash], { columns: 26 })).toEqual(['\u001b[31mlooping\u001b[0m']);
  });

  test('it changes nothing else', () => {
    const plain = render([braked, logstash]);
    const coloured = render([braked, logstash], { color: true });
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(plain); // eslint-disable-line no-control-regex
  });
});
