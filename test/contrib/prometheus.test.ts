import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { verbs } from '../../src/cli/verbs.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { logstash, metricsInput } from '../http/views.ts';
import { unknownMetrics } from './metric-names.ts';
import { contrib } from './unit-file.ts';

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const text = contrib('prometheus/flapd.rules.yml');
const { groups } = parse(text) as { groups: readonly { name: string; rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);
const recorded = rules.flatMap(({ record }) => record ?? []);

describe('the rules', () => {
  const named = rules.map(({ alert, record, expr }): [string, string] => [alert ?? record ?? '', expr]);
  test.each(named)('%s asks for metrics that there are', (_, expr) => {
    expect(unknownMetrics(expr, recorded)).toEqual([]);
  });

  test.each(alerts)('$alert says what it is, how urgent, and what to do', ({ labels, annotations }) => {
    expect(['warning', 'critical']).toContain(labels?.['severity']);
    expect(Object.keys(annotations ?? {})).toEqual(['summary', 'description', 'runbook']);
    const typed = Object.values(annotations ?? {})
      .join('\n')
      .matchAll(/"flapd ([a-z-]+)/g);
    const known: readonly string[] = verbs.map(({ name }) => name);
    for (const [, verb] of typed) expect(known).toContain(verb);
  });

  test('say how many series there are per host, and per unit', async () => {
    const seriesOf = (exposition: string): number =>
      exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    const none = seriesOf(await createMetrics().text({ ...metricsInput([]), notifications: [] }));
    const oneKindOfExit = { ...logstash, exits: logstash.exits.slice(0, 1) };
    const one = seriesOf(await createMetrics().text({ ...metricsInput([oneKindOfExit]), notifications: [] }));
    const perUnit = one - none + (3 - logstash.window.length);
    const said = /# Series per host: (\d+) about flapd itself [^;]*; (\d+) for each unit/.exec(text) ?? [];
    expect(said.slice(1).map(Number)).toEqual([none, perUnit]);
  });

  test('a name that nobody serves is found', () => {
    expect(unknownMetrics('rate(flapd_unit_restart_total[5m]) > up')).toEqual(['flapd_unit_restart_total']);
    expect(unknownMetrics('a:flapd_b:sum{x="flapd_unit"}', ['b:flapd_b:sum'])).toEqual(['a:flapd_b:sum']);
    expect(unknownMetrics('flapd_detection_seconds_bucket + process_open_fds')).toEqual([]);
  });
});

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe.skipIf(!hasPromtool)('promtool (needs the package prometheus)', () => {
  const folder = fileURLToPath(new URL('../../contrib/prometheus', import.meta.url));
  test.each([
    ['check', 'rules', '--lint=all', '--lint-fatal', 'flapd.rules.yml'],
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'flapd.rules.test.yml'],
  ])('%s %s', { timeout: 60_000 }, (...argv) => {
    const { status, stdout, stderr } = spawnSync('promtool', argv, { cwd: folder, encoding: 'utf8' });
    expect(status, `${stdout}${stderr}`).toBe(0);
  });
});
