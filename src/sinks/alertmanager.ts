import type { Notification } from '../core/notification.ts';
import type { AlertmanagerSettings } from '../core/sink-settings.ts';
import type { IncidentView } from '../core/view.ts';
import type { Clock } from '../kit/clock.ts';
import { alertOf, labelsOf, sameLabels, type Alert, type Labels } from './alert.ts';
import { readHeaders } from './headers-file.ts';
import { httpPost } from './http-post.ts';
import type { Outcome, Sink, Standing } from './sink.ts';

/** Alertmanager keeps alerts in memory: what it is not told again is gone with its restart. */
const everyMs = 60_000;
/** And what flapd no longer says ends by itself: four tellings may fail. */
const holdsMs = 5 * 60_000;
const testHoldsMs = 60_000;

interface Told {
  readonly incident: IncidentView;
  /** As they were sent: an alert ends under the labels it began with. */
  readonly labels: Labels;
}

/** Opened, worsened and closed are one alert; where its severity changes, the alert with the old one is ended. */
export class AlertmanagerSink implements Sink, Standing {
  readonly everyMs = everyMs;
  readonly standing = this;
  readonly #settings: AlertmanagerSettings;
  readonly #host: string;
  readonly #clock: Clock;
  readonly #open = new Map<string, Told>();

  constructor(settings: AlertmanagerSettings, host: string, clock: Clock) {
    this.#settings = settings;
    this.#host = host;
    this.#clock = clock;
  }

  async deliver(notification: Notification, signal: AbortSignal): Promise<Outcome> {
    const { incident, event, isTest } = notification;
    const nowMs = this.#clock.now().wallMs;
    const labels = this.#labelsOf(incident);
    const before = this.#open.get(incident.id);
    const ended =
      before === undefined || sameLabels(before.labels, labels)
        ? []
        : [alertOf(incident, before.labels, nowMs)];
    if (event === 'closed') {
      const closedMs = incident.closedAt === undefined ? nowMs : Date.parse(incident.closedAt);
      const outcome = await this.#post([...ended, alertOf(incident, labels, closedMs)], signal);
      if (outcome.kind === 'delivered' || !outcome.retryable) this.forget(incident.id);
      return outcome;
    }
    const endsAtMs = nowMs + (isTest ? testHoldsMs : holdsMs);
    const outcome = await this.#post([...ended, alertOf(incident, labels, endsAtMs)], signal);
    if (outcome.kind === 'delivered' && !isTest) this.#open.set(incident.id, { incident, labels });
    return outcome;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  resume(open: readonly IncidentView[]): void {
    for (const incident of open) {
      const labels = this.#open.get(incident.id)?.labels ?? this.#labelsOf(incident);
      this.#open.set(incident.id, { incident, labels });
    }
  }

  forget(incident: string): void {
    this.#open.delete(incident);
  }

  open(): readonly IncidentView[] {
    return [...this.#open.values()].map(({ incident }) => incident);
  }

  tellAgain(signal: AbortSignal): Promise<Outcome> {
    const endsAtMs = this.#clock.now().wallMs + holdsMs;
    return this.#post(
      [...this.#open.values()].map(({ incident, labels }) => alertOf(incident, labels, endsAtMs)),
      signal,
    );
  }

  #labelsOf(incident: IncidentView): Labels {
    return labelsOf(incident, this.#host, this.#settings.labels);
  }

  async #post(alerts: readonly Alert[], signal: AbortSignal): Promise<Outcome> {
    const { url, headersFile, timeoutMs } = this.#settings;
    const secret = await readHeaders(headersFile);
    if (!secret.ok) return { kind: 'failed', why: secret.why, retryable: true };
    return httpPost(
      {
        url: alertsUrl(url),
        headers: { 'Content-Type': 'application/json' },
        secretHeaders: secret.value,
        body: JSON.stringify(alerts),
        timeoutMs,
      },
      signal,
    );
  }
}

/** The server's own address may end in a slash, or have a path before (`--web.route-prefix`) and a query behind. */
function alertsUrl(url: string): string {
  const target = new URL(url);
  target.pathname = `${target.pathname.replace(/\/+$/u, '')}/api/v2/alerts`;
  return target.href;
}
