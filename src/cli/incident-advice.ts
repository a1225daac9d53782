import type { Incident } from '../core/incident.ts';
import type { State } from '../core/state.ts';
import { unlessAborted } from '../kit/unless-aborted.ts';
import type { Look } from '../looking-into.ts';
import { BusError } from '../systemd/bus-error.ts';

/** Who types `flapd status` waits for it. */
export const mostAdvised = 10;
const withinMs = 3000;

/** Advises on open incidents where no daemon does: on each once, on a few at a time, and nobody waits for long. */
export class IncidentAdvice {
  readonly #state: State;
  readonly #look: Look;
  #asked: ReadonlySet<string> = new Set();

  /** What `look` finds it takes into `state` by itself. */
  constructor(state: State, look: Look) {
    this.#state = state;
    this.#look = look;
  }

  /** On those of these incidents that have none yet. Answers on how many there was no time to. */
  async advise(ids: ReadonlySet<string>, signal: AbortSignal): Promise<number> {
    const incidents = [...this.#state.open].flatMap((unit) => this.#state.units.get(unit)?.incident ?? []);
    // As they are shown, the newest first.
    const open = incidents.toReversed();
    const wanted = open.filter((incident) => ids.has(incident.id) && this.#isUnadvised(incident));
    const within = AbortSignal.any([signal, AbortSignal.timeout(withinMs)]);
    for (const incident of wanted.filter(({ id }) => !this.#asked.has(id)).slice(0, mostAdvised)) {
      if (within.aborted) break;
      this.#asked = new Set([...open.map(({ id }) => id).filter((id) => this.#asked.has(id)), incident.id]);
      await unlessAborted(this.#find(incident, within), within);
    }
    return wanted.filter(({ unit }) => {
      const incident = this.#state.units.get(unit)?.incident;
      return incident !== undefined && this.#isUnadvised(incident);
    }).length;
  }

  #isUnadvised({ unit, advice }: Incident): boolean {
    return advice === undefined && this.#state.units.get(unit)?.policy.mode !== 'alert';
  }

  /** That systemd is not there is said by others. */
  async #find(incident: Incident, signal: AbortSignal): Promise<void> {
    try {
      await this.#look.find(incident, signal);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
    }
  }
}
