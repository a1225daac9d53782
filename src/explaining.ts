import type { Incident } from './core/incident.ts';
import { instantAt } from './core/instant.ts';
import { presentExit, presentIncident } from './core/present.ts';
import type { CauseView } from './core/view.ts';
import { explainRun } from './explain-run.ts';
import { coerceError } from './kit/errors.ts';
import { Limit } from './kit/limit.ts';
import type { Log } from './kit/log.ts';
import { pause } from './kit/backoff.ts';
import type { Manager } from './systemd/manager.ts';

export interface ExplainingDeps {
  readonly managerKind: 'system' | 'user';
  /** Undefined while systemd can't be heard: then there is nobody to ask. */
  readonly manager: () => Manager | undefined;
  readonly log: Log;
  /** Why the runs of the incident die; not called where it could not be found out. */
  readonly onCauses: (incident: Incident, causes: readonly CauseView[]) => void;
  /** Found out or not: nobody need wait any longer. */
  readonly onDone: (incident: Incident) => void;
}

/** Where fifty services fall at once, each look takes its turn; what waits too long is told without. */
const width = 2;
const room = 20;

/** Whoever is told of an incident waits no longer for its cause. */
const withinMs = 2000;

/** Finds out why the runs of a new incident die: off the path of the news, a few at a time, and never for long. */
export class Explaining {
  readonly #deps: ExplainingDeps;
  readonly #limit = new Limit(width, room);
  readonly #stop = new AbortController();

  constructor(deps: ExplainingDeps) {
    this.#deps = deps;
  }

  /** Returns at once; `onDone` follows, in any case, within two seconds. False: it is not looked at, and nothing follows. */
  start(incident: Incident): boolean {
    const { lastExit } = incident;
    if (lastExit === undefined || lastExit.invocationId === '' || this.#stop.signal.aborted) return false;
    const found = this.#limit.tryRun(async () => this.#explain(incident, lastExit));
    if (found === undefined) return false;
    void this.#whenFound(incident, found);
    return true;
  }

  close(): void {
    this.#stop.abort();
  }

  async #whenFound(incident: Incident, found: Promise<readonly CauseView[] | undefined>): Promise<void> {
    const done = new AbortController();
    const { signal } = this.#stop;
    const late = pause(withinMs, AbortSignal.any([done.signal, signal]));
    const told = this.#tell(incident, found);
    await Promise.race([told, late]);
    done.abort();
    this.#deps.onDone(incident);
  }

  /** What comes late is not in the first notification any more, but known from then on. */
  async #tell(incident: Incident, found: Promise<readonly CauseView[] | undefined>): Promise<void> {
    const causes = await found;
    if (causes !== undefined && !this.#stop.signal.aborted) this.#deps.onCauses(incident, causes);
  }

  async #explain(
    incident: Incident,
    exit: NonNullable<Incident['lastExit']>,
  ): Promise<readonly CauseView[] | undefined> {
    // The news goes out first.
    await new Promise(setImmediate);
    const { managerKind, log } = this.#deps;
    const manager = this.#deps.manager();
    if (manager === undefined || this.#stop.signal.aborted) return undefined;
    const wallMs = (monotonicMs: number): number => instantAt(monotonicMs, incident.openedAt).wallMs;
    try {
      const { causes } = await explainRun({
        manager,
        managerKind,
        unit: incident.unit,
        exit: presentExit(exit, wallMs(exit.atMs)),
        exits: presentIncident(incident).exits,
        firstFailureMs: wallMs(incident.beganMs),
      });
      return causes;
    } catch (thrown) {
      const error = coerceError(thrown);
      log.error(
        { error, unit: incident.unit },
        `Looking for the cause of ${incident.unit} failed; watching goes on.`,
      );
      return undefined;
    }
  }
}
