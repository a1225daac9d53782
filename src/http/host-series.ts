import { readdirSync } from 'node:fs';
import type { HostMetricName } from './metric-table.ts';
import type { MetricsInput } from './source.ts';

export interface HostSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The `process_` ones are our own: prom-client's default collectors come with a 10 ms event-loop timer and a garbage
 * collection observer that can't be left out.
 */
export const hostSamplesOf: Readonly<Record<HostMetricName, (input: MetricsInput) => readonly HostSample[]>> =
  {
    flapd_incidents_total: ({ incidentsTotal }) => [
      { labels: { kind: 'loop' }, value: incidentsTotal.loop },
      { labels: { kind: 'braked' }, value: incidentsTotal.braked },
    ],
    flapd_incidents_open: ({ incidentsOpen }) => one(incidentsOpen),
    flapd_notifications_total: ({ notifications }) =>
      notifications.map(({ sink, outcome, count }) => ({ labels: { sink, outcome }, value: count })),
    flapd_remedies_total: ({ remediesTotal }) =>
      Object.entries(remediesTotal).map(([outcome, value]) => ({ labels: { outcome }, value })),
    flapd_units_watched: ({ unitsWatched }) => one(unitsWatched),
    flapd_units_cut_total: ({ unitsCut }) => one(unitsCut ?? 0),
    flapd_dbus_connected: ({ dbus }) => one(Number(dbus.connected)),
    flapd_dbus_reconnects_total: ({ dbus }) => one(dbus.reconnects),
    flapd_dbus_signals_total: ({ dbus }) => one(dbus.signals),
    flapd_config_last_reload_successful: ({ config }) => one(Number(config.ok)),
    flapd_config_last_reload_success_timestamp_seconds: ({ config }) => one(config.at),
    flapd_build_info: ({ build }) => [{ labels: { ...build }, value: 1 }],
    process_cpu_user_seconds_total: () => one(process.cpuUsage().user / 1e6),
    process_cpu_system_seconds_total: () => one(process.cpuUsage().system / 1e6),
    process_cpu_seconds_total: () => one(cpuSeconds(process.cpuUsage())),
    process_resident_memory_bytes: () => one(process.memoryUsage.rss()),
    process_start_time_seconds: () => one(performance.timeOrigin / 1000),
    process_open_fds: () => one(openFds()),
  };

function one(value: number): readonly HostSample[] {
  return [{ labels: {}, value }];
}

function cpuSeconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1e6;
}

function openFds(): number {
  try {
    // One of them is the directory's own.
    return readdirSync('/proc/self/fd').length - 1;
  } catch {
    return Number.NaN;
  }
}
