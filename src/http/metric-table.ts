/** Every metric, once: the code is typed by these rows, the reference is generated from them. Names are a contract. */
export interface MetricRow {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** How many series a unit that restarted or failed adds; absent where the metric is about flapd or the host. */
  readonly seriesPerUnit?: string;
}

export const unitMetrics = [
  {
    name: 'flapd_unit_restarts_total',
    type: 'counter',
    help: 'Restarts of the unit since flapd first saw it, by systemd itself (auto) or from outside (external).',
    labels: ['name', 'trigger'],
    seriesPerUnit: '2',
  },
  {
    name: 'flapd_unit_exits_total',
    type: 'counter',
    help: 'Ends of runs of the unit, by systemd result and exit status or signal name.',
    labels: ['name', 'result', 'status'],
    seriesPerUnit: '1 for each result and status seen',
  },
  {
    name: 'flapd_unit_looping',
    type: 'gauge',
    help: 'Whether the unit is caught in a restart loop, or systemd gave up on it at its start limit (1), or not (0).',
    labels: ['name', 'policy'],
    seriesPerUnit: '1',
  },
  {
    name: 'flapd_unit_braked',
    type: 'gauge',
    help: 'Whether systemd gave up on the unit at its start limit (1), or not (0).',
    labels: ['name'],
    seriesPerUnit: '1',
  },
  {
    name: 'flapd_unit_window_restarts',
    type: 'gauge',
    help: 'Restarts of the unit within the span of each rule of its policy.',
    labels: ['name', 'within'],
    seriesPerUnit: '1 for each span in its policy',
  },
  {
    name: 'flapd_unit_loop_period_seconds',
    type: 'gauge',
    help: 'Median time between restarts of the unit.',
    labels: ['name'],
    seriesPerUnit: '1 from the second restart on',
  },
  {
    name: 'flapd_unit_burned_cpu_seconds_total',
    type: 'counter',
    help: 'CPU time spent by ended runs of the unit.',
    labels: ['name'],
    seriesPerUnit: '1 where systemd accounts CPU time',
  },
  {
    name: 'flapd_unit_brake_effective',
    type: 'gauge',
    help: "Whether the unit's own start limit could stop its loop at its pace (1), or not (0).",
    labels: ['name'],
    seriesPerUnit: '1 for a unit that looped since systemd last reloaded',
  },
  {
    name: 'flapd_remedy_active',
    type: 'gauge',
    help: 'Directives that a drop-in of flapd has in force for the unit; always 1.',
    labels: ['name', 'directive'],
    seriesPerUnit: '1 for each directive in force',
  },
] as const satisfies readonly MetricRow[];

export const hostMetrics = [
  {
    name: 'flapd_incidents_total',
    type: 'counter',
    help: 'Incidents opened, by kind.',
    labels: ['kind'],
  },
  { name: 'flapd_incidents_open', type: 'gauge', help: 'Incidents open now.', labels: [] },
  {
    name: 'flapd_notifications_total',
    type: 'counter',
    help: 'Notifications by sink: delivered, retried, or given up (dead).',
    labels: ['sink', 'outcome'],
  },
  {
    name: 'flapd_remedies_total',
    type: 'counter',
    help: 'What was done about units, by what it came to: each remedy is pending first, and what is not applied refused or failed.',
    labels: ['outcome'],
  },
  { name: 'flapd_units_watched', type: 'gauge', help: 'Services that flapd watches.', labels: [] },
  {
    name: 'flapd_units_cut_total',
    type: 'counter',
    help: 'Units that were left out of the metrics because too many restarted.',
    labels: [],
  },
  { name: 'flapd_dbus_connected', type: 'gauge', help: 'Whether systemd can be heard.', labels: [] },
  {
    name: 'flapd_dbus_reconnects_total',
    type: 'counter',
    help: 'Times the D-Bus connection was made again.',
    labels: [],
  },
  { name: 'flapd_dbus_signals_total', type: 'counter', help: 'D-Bus signals received.', labels: [] },
  {
    name: 'flapd_config_last_reload_successful',
    type: 'gauge',
    help: 'Whether the last attempt to load the configuration succeeded.',
    labels: [],
  },
  {
    name: 'flapd_config_last_reload_success_timestamp_seconds',
    type: 'gauge',
    help: 'When the configuration in force was loaded.',
    labels: [],
  },
  {
    name: 'flapd_build_info',
    type: 'gauge',
    help: 'Versions of flapd, systemd and Node; always 1.',
    labels: ['version', 'systemd', 'node'],
  },
  {
    name: 'process_cpu_user_seconds_total',
    type: 'counter',
    help: 'User CPU time spent by flapd.',
    labels: [],
  },
  {
    name: 'process_cpu_system_seconds_total',
    type: 'counter',
    help: 'System CPU time spent by flapd.',
    labels: [],
  },
  {
    name: 'process_cpu_seconds_total',
    type: 'counter',
    help: 'User and system CPU time spent by flapd.',
    labels: [],
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    help: 'Resident memory of flapd.',
    labels: [],
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    help: 'When flapd was started.',
    labels: [],
  },
  { name: 'process_open_fds', type: 'gauge', help: 'File descriptors that flapd has open.', labels: [] },
] as const satisfies readonly MetricRow[];

export const detectionMetric = {
  name: 'flapd_detection_seconds',
  type: 'histogram',
  help: 'Time from the signal that completed a rule to the verdict.',
  labels: [],
} as const satisfies MetricRow;

export type UnitMetricName = (typeof unitMetrics)[number]['name'];
export type HostMetricName = (typeof hostMetrics)[number]['name'];

export const metricTable: readonly MetricRow[] = [...unitMetrics, ...hostMetrics, detectionMetric];
