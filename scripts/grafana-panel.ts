/** One query of a panel; `legend` in Grafana's own notation: `{{name}}`. */
export interface Query {
  readonly expr: string;
  readonly legend: string;
}

type Kind = 'stat' | 'timeseries' | 'table';

export interface Panel {
  readonly kind: Kind;
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  /** Of the 24 columns of a row. */
  readonly width: number;
  readonly queries: readonly Query[];
  /** From this value on it is red. */
  readonly alarmFrom?: number;
  /** Below this value it is red. */
  readonly alarmBelow?: number;
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** Of Grafana's `label_values()`. */
  readonly query: string;
}

const heights: Readonly<Record<Kind, number>> = { stat: 4, timeseries: 8, table: 9 };
const columns = 24;
const source = { type: 'prometheus', uid: '${datasource}' };

/** A dashboard that Grafana 9 and later import; `uid` stays, so that links to it do. */
export function dashboard(
  about: { readonly uid: string; readonly title: string; readonly description: string },
  variables: readonly Variable[],
  panels: readonly Panel[],
): object {
  return {
    ...about,
    tags: ['flapd', 'systemd'],
    editable: true,
    schemaVersion: 37,
    timezone: 'browser',
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
        ...variables.map(variableOf),
      ],
    },
    links: [
      {
        title: 'flapd dashboards',
        type: 'dashboards',
        tags: ['flapd'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    panels: placed(panels),
  };
}

function variableOf({ name, label, query }: Variable): object {
  return {
    name,
    label,
    type: 'query',
    datasource: source,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
  };
}

/** From left to right, and a row further down where one does not fit. */
function placed(panels: readonly Panel[]): readonly object[] {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map((panel, index) => {
    const h = heights[panel.kind];
    if (x + panel.width > columns) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const gridPos = { h, w: panel.width, x, y };
    x += panel.width;
    rowHeight = Math.max(rowHeight, h);
    return { id: index + 1, gridPos, ...panelOf(panel) };
  });
}

function panelOf({ kind, title, description, unit, queries, alarmFrom, alarmBelow }: Panel): object {
  const isTable = kind === 'table';
  const steps =
    alarmBelow === undefined
      ? [
          { color: 'green', value: null },
          ...(alarmFrom === undefined ? [] : [{ color: 'red', value: alarmFrom }]),
        ]
      : [
          { color: 'red', value: null },
          { color: 'green', value: alarmBelow },
        ];
  return {
    type: kind,
    title,
    description,
    datasource: source,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: source,
      expr,
      legendFormat: legend,
      ...(isTable ? { format: 'table', instant: true } : {}),
    })),
    fieldConfig: { defaults: { unit, min: 0, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    ...(isTable && {
      // What every sample has, and nobody reads in a table.
      transformations: [
        { id: 'organize', options: { excludeByName: { Time: true, __name__: true, job: true } } },
      ],
    }),
  };
}
