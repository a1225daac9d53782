import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { ExitCountView, UnitView } from '../../src/core/view.ts';
import { metricTable, unitMetrics } from '../../src/http/metric-table.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { calm, logstash, metricsInput, odd, oddName } from './views.ts';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
async function textOf(...units: readonly UnitView[]): Promise<string> {
  return createMetrics().text(metricsInput(units));
}

/** Lines of one metric, without the metric's own name. */
function samples(text: string, name: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .map((line) => line.slice(name.length).trim());
}

function names(text: string): readonly string[] {
  return [...new Set([...text.matchAll(/name="([^"]+)"/gu)].map(([, name = '']) => name))];
}

function named(unit: string): UnitView {
  return { ...logstash, unit, verdict: unit.startsWith('loop') ? 'looping' : 'calm' };
}

function withExits(...exits: readonly ExitCountView[]): UnitView {
  return { ...logstash, exits };
}

describe('text()', () => {
  test('is the golden text', async () => {
    const metrics = createMetrics();
    for (const seconds of [0.0004, 0.012, 0.012, 3, 60]) metrics.observeDetection(seconds);
    const text = await metrics.text(metricsInput([logstash, odd, calm]));
    const stable = text.split('\n').filter((line) => !/process_|flapd_build_info/u.test(line));
    await expect(stable.join('\n').replace(/\n{3,}/gu, '\n\n')).toMatchFileSnapshot('metrics.golden.txt');
  });

  test('promtool finds nothing wrong with any metric', async (context) => {
    context.skip(!hasPromtool, 'no promtool on PATH: apt install prometheus');
    const metrics = createMetrics();
    metrics.observeDetection(0.01);
    const input = await metrics.text(metricsInput([logstash, odd]));
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input,
      encoding: 'utf8',
    });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  test('holds exactly the metrics of the table, each with its type and help', async () => {
    const text = await textOf(logstash);
    const described = [...text.matchAll(/^# HELP (?<name>\S+) (?<help>.+)\n# TYPE \S+ (?<type>\S+)$/gmu)];
    const found = described.map(({ groups }) => ({ ...groups }));
    const rows = metricTable.map(({ name, help, type }) => ({ name, help, type }));
    expect(found.toSorted(byName)).toEqual(rows.toSorted(byName));
  });

  test('gives a series the labels of the table', async () => {
    const directives = [{ section: 'Service', directive: 'RestartPreventExitStatus', to: '1' }];
    const remedy = { unit: logstash.unit, dropIn: '/run/x', directives, outcome: 'helped' as const };
    const text = await textOf({ ...logstash, brakeEffective: false, remedy });
    for (const { name, labels, type } of metricTable) {
      const own = type === 'histogram' ? `${name}_count` : name;
      const keys = [...(samples(text, own)[0] ?? '').matchAll(/(\w+)="/gu)].map(([, key]) => key);
      expect([name, keys]).toEqual([name, labels]);
    }
  });

  test('tells of the process, with values that can be', async () => {
    const text = await textOf();
    const value = (name: string): number => Number(samples(text, name)[0]);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(value('process_open_fds')).toBeGreaterThan(3);
    expect(
      Math.abs(value('process_start_time_seconds') * 1000 + performance.now() - Date.now()),
    ).toBeLessThan(1000);
    expect(text).not.toContain('nodejs_');
  });

  test('names the versions', async () => {
    expect(samples(await textOf(), 'flapd_build_info')).toEqual([
      '{version="0.1.0",systemd="252 (252.38-1~deb12u1)",node="v20.20.2"} 1',
    ]);
  });

  test('escapes quotes, backslashes and newlines in labels', async () => {
    const [sample] = samples(await textOf(odd), 'flapd_unit_looping');
    expect(sample).toBe(`{name="a-b:c_d.e\\\\x2df@\\"g\\"\\n<h>.service",policy="p\\"\\\\\\n"} 0`);
    expect(oddName).toContain('\n');
  });
});

describe('which units have series', () => {
  test('one that restarted, one that failed and one with a verdict have; one that only ended well has not', async () => {
    const restarted: UnitView = {
      ...calm,
      unit: 'restarted.service',
      restarts: { automatic: 0, external: 1, inferred: 0 },
    };
    const failed: UnitView = { ...calm, unit: 'failed.service', exits: [{ result: 'timeout', count: 1 }] };
    const braked: UnitView = { ...calm, unit: 'braked.service', verdict: 'braked', exits: [] };
    expect(names(await textOf(restarted, failed, braked, calm))).toEqual([
      'restarted.service',
      'failed.service',
      'braked.service',
    ]);
  });

  test('the series of a unit that is gone are gone, those of its neighbour stay', async () => {
    const metrics = createMetrics();
    const neighbour = { ...logstash, unit: 'other.service' };
    expect(names(await metrics.text(metricsInput([logstash, neighbour])))).toHaveLength(2);
    expect(names(await metrics.text(metricsInput([neighbour])))).toEqual(['other.service']);
  });

  test('at the cap none is cut, beyond it the calm ones are, and each is counted once', async () => {
    const metrics = createMetrics({ unitCap: 2 });
    const cutBy = async (units: readonly string[]): Promise<readonly unknown[]> => {
      const text = await metrics.text(metricsInput(units.map(named)));
      return [names(text), Number(samples(text, 'flapd_units_cut_total')[0])];
    };
    expect(await cutBy(['a', 'b'])).toEqual([['a', 'b'], 0]);
    expect(await cutBy(['a', 'b', 'loop'])).toEqual([['loop', 'a'], 1]);
    expect(await cutBy(['a', 'b', 'loop'])).toEqual([['loop', 'a'], 1]);
    expect(await cutBy(['a', 'b', 'c', 'loop'])).toEqual([['loop', 'a'], 2]);
    expect(await cutBy(['a', 'b'])).toEqual([['a', 'b'], 2]);
    expect(await cutBy(['a', 'b', 'c'])).toEqual([['a', 'b'], 3]);
  });

  test('units that were cut before are counted too', async () => {
    const text = await createMetrics().text({ ...metricsInput([]), unitsCut: 7 });
    expect(samples(text, 'flapd_units_cut_total')).toEqual(['7']);
  });
});

describe('the value of a unit', () => {
  test.each([
    ['looping', '1'],
    ['braked', '1'],
    ['suspect', '0'],
    ['recovering', '0'],
    ['calm', '0'],
  ] as const)('flapd_unit_looping of a unit that is %s is %s', async (verdict, value) => {
    const [sample] = samples(await textOf({ ...logstash, verdict }), 'flapd_unit_looping');
    expect(sample).toBe(`{name="logstash.service",policy="default"} ${value}`);
  });

  test('a status is the exit status, the signal by name, or nothing where it is not known', async () => {
    const unit = withExits(
      { code: 'exited', status: 0, name: 'SUCCESS', result: 'success', count: 1 },
      { code: 'exited', status: 71, name: 'OSERR', result: 'exit-code', count: 2 },
      { code: 'killed', status: 9, name: 'SIGKILL', result: 'oom-kill', count: 3 },
      { code: 'dumped', status: 99, result: 'core-dump', count: 4 },
      { result: 'resources', count: 5 },
    );
    expect(samples(await textOf(unit), 'flapd_unit_exits_total')).toEqual([
      '{name="logstash.service",result="success",status="0"} 1',
      '{name="logstash.service",result="exit-code",status="71"} 2',
      '{name="logstash.service",result="oom-kill",status="SIGKILL"} 3',
      '{name="logstash.service",result="core-dump",status="99"} 4',
      '{name="logstash.service",result="resources",status=""} 5',
    ]);
  });

  test('exits that differ only in the process are one series', async () => {
    const exit = { code: 'exited', status: 1, result: 'exit-code' } as const;
    const unit = withExits(
      { ...exit, process: 'main', count: 3 },
      { ...exit, process: 'ExecStartPre', count: 4 },
      { ...exit, process: 'main', result: 'timeout', count: 1 },
    );
    expect(samples(await textOf(unit), 'flapd_unit_exits_total')).toEqual([
      '{name="logstash.service",result="exit-code",status="1"} 7',
      '{name="logstash.service",result="timeout",status="1"} 1',
    ]);
  });

  test('two rules with one span are one series', async () => {
    const window = { within: '2min', withinSeconds: 120, restarts: 6 };
    const text = await textOf({ ...logstash, window: [window, window, { ...window, within: '1h' }] });
    expect(samples(text, 'flapd_unit_window_restarts')).toEqual([
      '{name="logstash.service",within="2min"} 6',
      '{name="logstash.service",within="1h"} 6',
    ]);
  });

  test('what is not known has no series', async () => {
    const text = await textOf(odd);
    expect(samples(text, 'flapd_unit_loop_period_seconds')).toEqual([]);
    expect(samples(text, 'flapd_unit_burned_cpu_seconds_total')).toEqual([]);
  });
});

describe('observeDetection()', () => {
  test('counts up, and leaves out what is no time', async () => {
    const metrics = createMetrics();
    for (const seconds of [0.001, 0.0011, -1, Number.NaN, Infinity]) metrics.observeDetection(seconds);
    const text = await metrics.text(metricsInput([]));
    expect(samples(text, 'flapd_detection_seconds_count')).toEqual(['3']);
    expect(samples(text, 'flapd_detection_seconds_bucket').slice(0, 2)).toEqual([
      '{le="0.001"} 2',
      '{le="0.0025"} 3',
    ]);
  });
});

describe('metricTable', () => {
  test('has each name once, and every unit metric begins with the label name', () => {
    const all = metricTable.map(({ name }) => name);
    expect(new Set(all).size).toBe(all.length);
    expect(unitMetrics.map(({ labels }) => labels[0])).toEqual(unitMetrics.map(() => 'name'));
  });
});

function byName(a: { readonly name?: string }, b: { readonly name?: string }): number {
  return (a.name ?? '').localeCompare(b.name ?? '');
}
