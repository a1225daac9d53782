import { metricTable } from '../../src/http/metric-table.ts';

/** Names of series that flapd serves. */
const served = new Set(
  metricTable.flatMap(({ name, type }) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  ),
);

/**
 * What an expression asks for, and neither flapd serves nor one of these rules records: a panel or an alert over such a
 * name would be empty for ever. `up` and `ALERTS` are Prometheus' own.
 */
export function unknownMetrics(expression: string, recorded: readonly string[] = []): readonly string[] {
  const bare = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  const names = bare.match(/\b(?:flapd|process)_\w+|\b\w+:\w+:\w+/g) ?? [];
  return names.filter((name) => !served.has(name) && !recorded.includes(name));
}
