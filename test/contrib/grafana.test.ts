import { describe, expect, test } from 'vitest';
import { contrib } from './unit-file.ts';
import { unknownMetrics } from './metric-names.ts';

interface Dashboard {
  readonly uid: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  readonly panels: readonly {
    readonly title: string;
    readonly description: string;
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

describe.each(['fleet', 'host'])('the dashboard of a %s', (view) => {
  const { uid, templating, panels } = JSON.parse(contrib(`grafana/flapd-${view}.json`)) as Dashboard;
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  test('has a place of its own, and panels that say what they show', () => {
    expect(uid).toBe(`flapd-${view}`);
    expect(panels.length).toBeGreaterThan(8);
    for (const { title, description } of panels) expect(`${title}: ${description}`).toMatch(/\w: \w.*\.$/);
  });

  test.each(queries)('%s asks for metrics that there are', (expr) => {
    expect(unknownMetrics(expr)).toEqual([]);
  });

  test('uses variables that it has', () => {
    const known = [...templating.list.map(({ name }) => name), '__rate_interval'];
    const used = JSON.stringify(panels).match(/(?<=\$\{?)\w+/g) ?? [];
    for (const name of new Set(used)) expect(known).toContain(name);
    for (const { query } of templating.list) expect(unknownMetrics(JSON.stringify(query))).toEqual([]);
  });

  test('has no two panels in one place', () => {
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});
