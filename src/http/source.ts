import type { IncidentView, UnitView } from '../core/view.ts';

/** What there is to show. Asked anew for every request; nothing here may wait. */
export interface HttpSource {
  /** Whose units these are: said in each answer, so that a reader can tell one flapd from another. */
  readonly manager: 'system' | 'user';
  units(): readonly UnitView[];
  unit(name: string): UnitView | undefined;
  incidents(): readonly IncidentView[];
  /** Subscribed and backfilled, or one sentence on what is missing. */
  ready(): { readonly ok: true } | { readonly ok: false; readonly why: string };
  metrics(): MetricsInput;
}

export interface MetricsInput {
  /** Those that neither restarted nor failed get no series. */
  readonly units: readonly UnitView[];
  /** Ever opened, by kind. */
  readonly incidentsTotal: { readonly loop: number; readonly braked: number };
  readonly incidentsOpen: number;
  /** What remedies came to, each outcome that there is. */
  readonly remediesTotal: Readonly<Record<string, number>>;
  readonly unitsWatched: number;
  /** Units that were left out before they came here. */
  readonly unitsCut?: number;
  readonly dbus: { readonly connected: boolean; readonly reconnects: number; readonly signals: number };
  /** What became of notifications, by sink; each sink that there is has every outcome. */
  readonly notifications: readonly {
    readonly sink: string;
    readonly outcome: string;
    readonly count: number;
  }[];
  /** `at`: of the last good configuration, in seconds since 1970-01-01 UTC. */
  readonly config: { readonly ok: boolean; readonly at: number };
  readonly build: { readonly version: string; readonly systemd: string; readonly node: string };
}
