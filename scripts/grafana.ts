import { dashboard, type Panel, type Variable } from './grafana-panel.ts';

const job: Variable = { name: 'job', label: 'Job', query: 'label_values(flapd_build_info, job)' };
const instance: Variable = {
  name: 'instance',
  label: 'Host',
  query: 'label_values(flapd_build_info{job="$job"}, instance)',
};

const ofFleet = 'job="$job"';
const ofHost = 'job="$job",instance="$instance"';

const fleetPanels: readonly Panel[] = [
  {
    kind: 'stat',
    title: 'Hosts',
    description: 'Hosts on which flapd answers.',
    unit: 'short',
    width: 6,
    queries: [{ expr: `count(flapd_build_info{${ofFleet}})`, legend: 'hosts' }],
  },
  {
    kind: 'stat',
    title: 'Loops',
    description: 'Units that loop, or that systemd gave up on, over all hosts.',
    unit: 'short',
    width: 6,
    alarmFrom: 1,
    queries: [{ expr: `sum(flapd_unit_looping{${ofFleet}}) or vector(0)`, legend: 'loops' }],
  },
  {
    kind: 'stat',
    title: 'Given up',
    description: 'Units that reached their start limit: down until somebody starts them.',
    unit: 'short',
    width: 6,
    alarmFrom: 1,
    queries: [{ expr: `sum(flapd_unit_braked{${ofFleet}}) or vector(0)`, legend: 'given up' }],
  },
  {
    kind: 'stat',
    title: 'Blind hosts',
    description: 'Hosts whose flapd does not hear systemd.',
    unit: 'short',
    width: 6,
    alarmFrom: 1,
    queries: [{ expr: `count(flapd_dbus_connected{${ofFleet}} == 0) or vector(0)`, legend: 'blind' }],
  },
  {
    kind: 'timeseries',
    title: 'Hosts on which a unit loops',
    description: 'One unit that begins on many hosts at once has a cause that they have in common.',
    unit: 'short',
    width: 12,
    queries: [{ expr: `sum by (name) (flapd_unit_looping{${ofFleet}}) > 0`, legend: '{{name}}' }],
  },
  {
    kind: 'timeseries',
    title: 'Restarts',
    description: 'By systemd itself (auto), or from outside (external).',
    unit: 'cps',
    width: 12,
    queries: [
      {
        expr: `sum by (trigger) (rate(flapd_unit_restarts_total{${ofFleet}}[$__rate_interval]))`,
        legend: '{{trigger}}',
      },
    ],
  },
  {
    kind: 'table',
    title: 'What loops where',
    description: 'Each unit that loops now, and by which policy it was judged.',
    unit: 'short',
    width: 12,
    queries: [{ expr: `flapd_unit_looping{${ofFleet}} == 1`, legend: '' }],
  },
  {
    kind: 'timeseries',
    title: 'CPU burned',
    description: 'Seconds of CPU per second that went into runs which ended; the ten worst units.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `topk(10, sum by (name) (rate(flapd_unit_burned_cpu_seconds_total{${ofFleet}}[$__rate_interval])) > 0)`,
        legend: '{{name}}',
      },
    ],
  },
  {
    kind: 'table',
    title: 'Loops by version of systemd',
    description: 'Whether a unit loops only where systemd is of one version.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `count by (name, systemd) ((flapd_unit_looping{${ofFleet}} == 1) * on (job, instance) group_left (systemd) flapd_build_info{${ofFleet}})`,
        legend: '',
      },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Notifications that were given up',
    description: 'By sink: what nobody was told of.',
    unit: 'short',
    width: 12,
    alarmFrom: 1,
    queries: [
      {
        expr: `sum by (sink) (increase(flapd_notifications_total{${ofFleet},outcome="dead"}[$__rate_interval]))`,
        legend: '{{sink}}',
      },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Remedies',
    description: 'What flapd did about units, by what it came to.',
    unit: 'short',
    width: 24,
    queries: [
      {
        expr: `sum by (outcome) (increase(flapd_remedies_total{${ofFleet}}[$__rate_interval])) > 0`,
        legend: '{{outcome}}',
      },
    ],
  },
];

const hostPanels: readonly Panel[] = [
  {
    kind: 'stat',
    title: 'Hears systemd',
    description: 'Whether the D-Bus connection is up.',
    unit: 'bool_yes_no',
    width: 6,
    alarmBelow: 1,
    queries: [{ expr: `flapd_dbus_connected{${ofHost}}`, legend: '' }],
  },
  {
    kind: 'stat',
    title: 'Incidents open',
    description: 'Loops that are not over yet; several units with one root are one.',
    unit: 'short',
    width: 6,
    alarmFrom: 1,
    queries: [{ expr: `flapd_incidents_open{${ofHost}}`, legend: '' }],
  },
  {
    kind: 'stat',
    title: 'Services watched',
    description: 'Services that systemd has loaded.',
    unit: 'short',
    width: 6,
    queries: [{ expr: `flapd_units_watched{${ofHost}}`, legend: '' }],
  },
  {
    kind: 'stat',
    title: 'Configuration',
    description: 'Whether the last one that was read is in force.',
    unit: 'bool_yes_no',
    width: 6,
    alarmBelow: 1,
    queries: [{ expr: `flapd_config_last_reload_successful{${ofHost}}`, legend: '' }],
  },
  {
    kind: 'timeseries',
    title: 'Restarts',
    description: 'Of each unit, by systemd itself and from outside.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `sum by (name, trigger) (increase(flapd_unit_restarts_total{${ofHost}}[$__rate_interval])) > 0`,
        legend: '{{name}} {{trigger}}',
      },
    ],
  },
  {
    kind: 'timeseries',
    title: 'Ends of runs',
    description: 'By unit, result and exit status or signal; ends that went well are left out.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `sum by (name, result, status) (increase(flapd_unit_exits_total{${ofHost},result!="success"}[$__rate_interval])) > 0`,
        legend: '{{name}} {{result}} {{status}}',
      },
    ],
  },
  {
    kind: 'timeseries',
    title: 'In a loop',
    description: 'From the restart that completed a rule until the unit has been up for calm_after.',
    unit: 'short',
    width: 12,
    queries: [{ expr: `flapd_unit_looping{${ofHost}} == 1`, legend: '{{name}}' }],
  },
  {
    kind: 'timeseries',
    title: 'Period of the loop',
    description: 'Median time between restarts.',
    unit: 's',
    width: 12,
    queries: [{ expr: `flapd_unit_loop_period_seconds{${ofHost}}`, legend: '{{name}}' }],
  },
  {
    kind: 'table',
    title: 'Restarts in the windows of the rules',
    description: 'What the rules of its policy are held against.',
    unit: 'short',
    width: 12,
    queries: [{ expr: `flapd_unit_window_restarts{${ofHost}} > 0`, legend: '' }],
  },
  {
    kind: 'timeseries',
    title: 'CPU burned',
    description: 'Seconds of CPU per second that went into runs which ended.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `rate(flapd_unit_burned_cpu_seconds_total{${ofHost}}[$__rate_interval]) > 0`,
        legend: '{{name}}',
      },
    ],
  },
  {
    kind: 'table',
    title: 'Directives in force',
    description: 'What drop-ins of flapd change about units now.',
    unit: 'short',
    width: 24,
    queries: [{ expr: `flapd_remedy_active{${ofHost}}`, legend: '' }],
  },
  {
    kind: 'timeseries',
    title: 'CPU of flapd',
    description: 'As a share of one core.',
    unit: 'percentunit',
    width: 12,
    queries: [{ expr: `rate(process_cpu_seconds_total{${ofHost}}[$__rate_interval])`, legend: 'CPU' }],
  },
  {
    kind: 'timeseries',
    title: 'Resident memory of flapd',
    description: 'Its unit is throttled at 256 MiB and ended at 512 MiB.',
    unit: 'bytes',
    width: 12,
    queries: [{ expr: `process_resident_memory_bytes{${ofHost}}`, legend: 'memory' }],
  },
];

/** The dashboards of contrib/grafana, by file name. */
export const dashboards: Readonly<Record<string, object>> = {
  'flapd-fleet.json': dashboard(
    { uid: 'flapd-fleet', title: 'flapd: fleet', description: 'Restart loops over all hosts.' },
    [job],
    fleetPanels,
  ),
  'flapd-host.json': dashboard(
    { uid: 'flapd-host', title: 'flapd: host', description: 'Restart loops on one host, and flapd there.' },
    [job, instance],
    hostPanels,
  ),
};
