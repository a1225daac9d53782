import type { Config } from '../config/load.ts';
import { policyFor } from '../core/policy-choice.ts';
import { presentUnit } from '../core/present.ts';
import type { Silence } from '../core/silence.ts';
import { newRecord } from '../core/unit-record.ts';
import type { UnitView } from '../core/view.ts';
import type { Clock } from '../kit/clock.ts';
import { askDaemon, type Asked } from './ask-daemon.ts';
import { lookDirectly, type DirectLook } from './look-directly.ts';
import type { StatusPicture } from './status-picture.ts';
import { canonicalNames } from './unit-operands.ts';

export interface LookoutOptions {
  readonly config: Config;
  /** Where systemd is asked, and whether it is the one whose daemon and journal are on this machine. */
  readonly bus: { readonly address: string; readonly own: boolean };
  /** Services as typed, with their suffix; they must exist. */
  readonly names: readonly string[];
  /** Without a daemon they are read off their files. */
  readonly silences: () => readonly Silence[];
  readonly clock: Clock;
  readonly uid: number;
  readonly signal: AbortSignal;
  /** Whether the open incidents are to come with advice, without a daemon too. */
  readonly advises: boolean;
}

export interface View {
  readonly picture: StatusPicture;
  /** The units that were named, under their own names; undefined where none was. */
  readonly named: readonly UnitView[] | undefined;
}

/** Looks through a running daemon's eyes; without one, it is a small daemon itself until `close`. */
export class Lookout {
  readonly #options: LookoutOptions;
  #canonical: ReadonlyMap<string, string> | undefined;
  #direct: DirectLook | undefined;

  constructor(options: LookoutOptions) {
    this.#options = options;
  }

  async look(): Promise<View> {
    const { config, bus, uid } = this.#options;
    const asked = bus.own ? await askDaemon(config, uid) : { ok: false as const };
    if (asked.ok) {
      await this.close();
      return this.#viewOf(asked.picture, asked);
    }
    this.#direct ??= await this.#lookDirectly();
    const { direct } = { direct: this.#direct };
    const instead = 'why' in asked && asked.why !== undefined ? { instead: asked.why } : {};
    const unit = async (name: string): Promise<UnitView | undefined> => direct.unit(name);
    const view = await this.#viewOf({ ...direct.picture(), ...instead }, { unit });
    return this.#options.advises ? advised(view, direct) : view;
  }

  async close(): Promise<void> {
    await this.#direct?.close();
    this.#direct = undefined;
  }

  async #lookDirectly(): Promise<DirectLook> {
    const { config, bus, clock, signal } = this.#options;
    // First, because it is soon said that there is no bus or no such unit.
    await this.#names();
    const silences = this.#options.silences();
    return lookDirectly({ config, address: bus.address, clock, signal, journal: bus.own, silences });
  }

  async #viewOf(picture: StatusPicture, { unit }: Pick<Asked, 'unit'>): Promise<View> {
    const { names } = this.#options;
    if (names.length === 0) return { picture, named: undefined };
    const shown = new Map(picture.units.map((each) => [each.unit, each]));
    const known = names.every((name) => shown.has(name)) ? undefined : await this.#names();
    const own = new Set(names.map((name) => known?.get(name) ?? name));
    const named = [...own].map(async (name) => shown.get(name) ?? (await unit(name)) ?? this.#quiet(name));
    return { picture, named: await Promise.all(named) };
  }

  async #names(): Promise<ReadonlyMap<string, string>> {
    const { bus, names } = this.#options;
    this.#canonical ??= await canonicalNames(bus.address, names);
    return this.#canonical;
  }

  /** A unit of which there is nothing to tell. */
  #quiet(name: string): UnitView {
    const { config, clock, silences } = this.#options;
    return presentUnit(newRecord(name, policyFor(config.policies, name)), clock.now(), silences());
  }
}

/** The incidents of what is looked at, with advice on them. */
async function advised({ picture, named }: View, direct: DirectLook): Promise<View> {
  const ids = new Set((named ?? picture.units).flatMap(({ incident }) => incident ?? []));
  const unadvised = ids.size === 0 ? 0 : await direct.advise(ids);
  return { named, picture: { ...picture, incidents: direct.picture().incidents, unadvised } };
}
