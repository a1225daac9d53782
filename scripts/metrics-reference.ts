import { hostMetrics, detectionMetric, type MetricRow, unitMetrics } from '../src/http/metric-table.ts';

/** docs/metrics.md */
export function metricsReference(): string {
  return `<!-- Written by \`npm run schema\`. -->
# Metrics

On \`http://127.0.0.1:9843/metrics\`, or where \`listen:\` says. \`contrib/prometheus\` has alerting and recording rules with a
runbook each, and \`contrib/grafana\` a dashboard of a fleet and of a host.

## Of units

Only units that restarted or failed since flapd was started have series, at most 1000 of them; those that loop come first.
\`name\` is the full unit name, as in node_exporter and systemd_exporter, so that joins work.

${tableOf(unitMetrics, true)}

## Of the host, and of flapd itself

${tableOf([...hostMetrics, detectionMetric], false)}

## How many series that is

On a host where nothing restarts only the second table. A unit that restarts brings about ten, and one more for each further
kind of exit. Ten thousand hosts on each of which two units restart have half a million series; the recording rules make one for
each host of it, and two for each name of a unit that loops somewhere.
`;
}

function tableOf(rows: readonly MetricRow[], ofUnits: boolean): string {
  const head = ofUnits
    ? '| metric | type | series per unit | |\n|---|---|---|---|'
    : '| metric | type | |\n|---|---|---|';
  return [head, ...rows.map((row) => line(row, ofUnits))].join('\n');
}

function line({ name, type, labels, help, seriesPerUnit = '-' }: MetricRow, ofUnits: boolean): string {
  const labelled = labels.length === 0 ? name : `${name}{${labels.join(',')}}`;
  return `| \`${labelled}\` | ${type} | ${ofUnits ? `${seriesPerUnit} | ` : ''}${help} |`;
}
