import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderStatus } from '../src/cli/status-table.ts';
import { verbs } from '../src/cli/verbs.ts';
import { presentIncidents, presentUnits } from '../src/core/present.ts';
import { builtInPolicy } from '../src/core/policy.ts';
import { formatTimeSpan } from '../src/core/time-span.ts';
import { instant, Timeline } from './support/timeline.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const changelog = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8');
const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
};

/** The logstash story on the virtual clock: what flapd says of it, and what `flapd status` shows a second later. */
function story(): string {
  const timeline = new Timeline();
  const logstash = timeline.service('logstash.service');
  logstash.start(0);
  let at = 0;
  for (let crash = 1; crash <= 5; crash += 1) {
    const { invocationId } = logstash.snapshot;
    logstash.die(at + 8);
    timeline.take(at + 8, { kind: 'cpu', unit: 'logstash.service', invocationId, cpuMs: 7500 });
    at += 8.1;
    logstash.autoRestart(at);
  }
  const opened = presentIncidents(timeline.state)[0]?.sentence ?? '';
  const now = instant(at + 1);
  const units = presentUnits(timeline.state, now);
  const status = renderStatus({
    picture: { from: 'daemon', units, incidents: [] },
    shown: units,
    all: false,
    color: false,
    columns: undefined,
    nowMs: now.wallMs,
  });
  timeline.tick(at + 601);
  const closed = presentIncidents(timeline.state)[0]?.sentence ?? '';
  const table = status.split('\n').slice(0, 2).join('\n');
  return ['12:00:40 warn  ' + opened, '', '$ flapd status', table, '', '12:10:40 info  ' + closed].join('\n');
}

describe('README', () => {
  test('shows what flapd prints', () => {
    expect(readme).toContain(`\n${story()}\n`);
  });

  test('names only commands that exist: of npm, and of flapd', () => {
    const npm = [...readme.matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name]) => name ?? '');
    for (const name of npm.filter((each) => each !== 'ci'))
      expect(Object.keys(manifest.scripts)).toContain(name);
    const used = [...readme.matchAll(/`flapd ([a-z][a-z-]*)/g)].map(([, name]) => name);
    for (const name of used) expect(verbs.map((verb) => verb.name)).toContain(name);
    for (const { name } of verbs) expect(used).toContain(name);
  });

  test('leads to every page of documentation, and to no other', () => {
    const pages = readdirSync(new URL('../docs', import.meta.url)).map((page) => `docs/${page}`);
    const linked = [...readme.matchAll(/\]\((docs\/[^)#]+)\)/g)].map(([, page]) => page ?? '');
    expect([...new Set(linked)].toSorted()).toEqual(pages.toSorted());
  });

  test.each(readdirSync(new URL('../docs', import.meta.url)))(
    'docs/%s names only commands that exist',
    (page) => {
      const text = readFileSync(new URL(`../docs/${page}`, import.meta.url), 'utf8');
      const known: readonly string[] = verbs.map((verb) => verb.name);
      for (const [, name] of text.matchAll(/`flapd ([a-z][a-z-]*)/g)) expect(known).toContain(name);
    },
  );

  test('states the built-in rules as they are', () => {
    const { loop, calmAfterMs } = builtInPolicy;
    for (const { restarts, withinMs } of loop) {
      expect(readme).toContain(`{ restarts: ${restarts}, within: ${formatTimeSpan(withinMs)} }`);
    }
    expect(readme).toContain(`calm_after: ${formatTimeSpan(calmAfterMs)}`);
  });
});

test('CHANGELOG has an entry for the version in package.json', () => {
  expect(changelog).toContain(`## ${manifest.version}`);
});
