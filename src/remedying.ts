import { applySocket, type Asked } from './apply-client.ts';
import type { Advice } from './core/advice/advice.ts';
import type { ApplyRequest } from './core/remedy/apply-request.ts';
import type { Input } from './core/input.ts';
import { type Instant, instantAt } from './core/instant.ts';
import { nextDeed, type RemedyDeed, type Reverting } from './core/remedy/remedy-deeds.ts';
import type { RemedyOutcome } from './core/remedy/remedy-outcome.ts';
import {
  blankRemedy,
  goneRemedy,
  passedMs,
  resultingRemedy,
  retryMs,
  undone,
  wasInForce,
  withForecast,
} from './core/remedy/remedy-record.ts';
import { isInForce, type Remedy, remedyWords } from './core/remedy/remedy.ts';
import type { SavedRemedy } from './core/saved.ts';
import type { State } from './core/state.ts';
import { displayTimeSpan } from './core/time-span.ts';
import type { UnitRecord } from './core/unit-record.ts';
import { coerceError } from './kit/errors.ts';
import type { Log } from './kit/log.ts';
import type { ReadBack } from './apply/read-back.ts';
import { ReloadWait } from './reload-wait.ts';
import { remediesOnDisk } from './remedies-on-disk.ts';
import type { DropInFiles } from './systemd/drop-in-files.ts';

/** Of a remedy, what the flapd before this one has told. */
export type Told = Omit<Extract<Input, { kind: 'remedy' }>, 'kind' | 'remedy'>;

export interface RemedyingDeps {
  readonly state: State;
  readonly now: () => Instant;
  /** Gives `step` what was done about a unit. */
  readonly take: (remedy: Remedy, told?: Told) => void;
  /** While systemd can't be heard nothing is done. */
  readonly connected: () => boolean;
  /** systemd reads its unit files again, whoever told it to. */
  readonly reloading: () => boolean;
  readonly advise: (unit: string) => Promise<Advice>;
  /** Asks what runs as root. */
  readonly ask: (request: ApplyRequest) => Promise<Asked>;
  readonly files: Pick<DropInFiles, 'list' | 'pathOf'>;
  /** What systemd has in force, where it says: asked after each reload, and before a remedy is judged. */
  readonly readBack: (remedy: Remedy) => Promise<ReadBack | undefined>;
  /** When the latest of the unit's files was changed; undefined where that is not known. */
  readonly changedWallMs: (unit: string) => Promise<number | undefined>;
  /** What this host's flapd.yaml says. */
  readonly isOn: () => boolean;
  readonly log: Log;
}

/** How soon what is due is done. Nothing is looked at in between but flapd's own state. */
const everyMs = 1000;

interface Rereading {
  readonly kind: 'read-back';
  readonly remedy: Remedy;
}

/**
 * Does what `nextDeed` says about remedies, one deed at a time, each said before: asks for advice, asks flapd-apply to write
 * or take back, and gives what came of it back to `step`. It writes nothing itself. While no policy says apply and no remedy
 * is in force it sets no timer.
 */
export class Remedying {
  readonly #deps: RemedyingDeps;
  #timer: NodeJS.Timeout | undefined;
  #busy: Promise<void> | undefined;
  /** systemd has reloaded meanwhile. */
  #looksAgain = false;
  /** The host's budget is spent until then, on the monotonic clock: whoever asks is told the same. */
  #heldUntilMs = -Infinity;
  readonly #reloadWait: ReloadWait;
  /** Units whose remedy is to be read back: systemd has read their files anew since. */
  readonly #unread = new Set<string>();
  #stopped = false;

  constructor(deps: RemedyingDeps) {
    this.#deps = deps;
    this.#reloadWait = new ReloadWait(deps.reloading, deps.log);
  }

  /** After the past was read: what is on disk, and what is known of it from before. Also lets a crash be cleaned up after. */
  async start(saved: readonly SavedRemedy[], isOfThisBoot = true): Promise<void> {
    const standing = this.#standing(saved);
    if (standing === undefined) return;
    // One that is not known came while flapd was away, or the flapd that asked for it was killed before it could tell.
    for (const remedy of standing) this.#deps.take(remedy, { known: saved.some(isOf(remedy)) });
    for (const each of saved) if (this.#remedyOf(each.unit) === undefined) this.#tellGone(each, isOfThisBoot);
    this.#readAllBack(standing);
    if (this.#deps.isOn() && this.#anyApplies()) {
      const asked = await this.#deps.ask({ verb: 'recover' });
      if (this.#stopped) return;
      if (!asked.ok)
        this.#deps.log.warn(
          {},
          `No remedy can be applied: ${asked.why}. flapd watches and advises; it is tried again when one is due.`,
        );
      else if (asked.answer.refused !== undefined)
        this.#deps.log.warn({}, `No remedy can be applied: ${asked.answer.refused}.`);
    }
    this.poke();
  }

  /** One that was in force is news: nobody was there to tell it. */
  #tellGone(saved: SavedRemedy, isOfThisBoot: boolean): void {
    const because = isOfThisBoot ? 'it was taken back while flapd was away' : 'it went with the reboot';
    const remedy = goneRemedy(saved, because, this.#deps.now());
    if (wasInForce(saved)) this.#deps.take(remedy, { wasInForce: true });
    else this.#deps.take(remedy, { known: true });
  }

  /** systemd has reloaded: somebody may have applied or taken back something. */
  synced(): void {
    // What is being done comes first: the reload may be its own.
    this.#looksAgain = this.#busy !== undefined;
    const standing = this.#looksAgain ? undefined : this.#standing([]);
    if (standing === undefined) return;
    for (const { unit, remedy } of this.#deps.state.units.values()) {
      if (remedy === undefined || !isInForce(remedy)) continue;
      if (standing.some((each) => each.unit === unit)) continue;
      const reason = this.#whoseIsNow(unit) ?? 'somebody took it back';
      // Not tried again for this incident: whoever did it comes first.
      const gone = { ...remedy, dropIn: undefined, retryAtMs: Infinity };
      this.#deps.take({ ...gone, outcome: 'reverted', reason });
    }
    for (const remedy of standing) if (!isKnown(remedy, this.#remedyOf(remedy.unit))) this.#deps.take(remedy);
    this.#readAllBack(standing);
    this.poke();
  }

  #readAllBack(standing: readonly Remedy[]): void {
    for (const { unit } of standing) this.#unread.add(unit);
  }

  /** A file that somebody edited is theirs: it is left alone, and said. */
  #whoseIsNow(unit: string): string | undefined {
    const file = this.#deps.files.list().find((each) => each.unit === unit);
    return file?.found.kind === 'not-ours' ? `${file.found.reason}, and is left alone` : undefined;
  }

  /** Something may be due. */
  poke(): void {
    if (this.#timer !== undefined || this.#stopped || !this.#hasWork()) return;
    this.#timer = setInterval(() => this.#tick(), everyMs).unref();
  }

  async close(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    // What was asked for is carried out without flapd too, and found on disk by the next one.
  }

  #tick(): void {
    if (this.#busy !== undefined) return;
    if (!this.#hasWork()) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = this.#deps.now();
    const deed = this.#deps.connected() ? this.#next(now) : undefined;
    if (deed === undefined) return;
    if (deed.kind === 'apply' && (!this.#deps.isOn() || now.monotonicMs < this.#heldUntilMs)) return;
    if (this.#reloadWait.goesOn(now.monotonicMs)) return;
    this.#busy = this.#do(deed)
      .catch((error: unknown) =>
        this.#deps.log.error({ error: coerceError(error) }, 'A remedy failed in flapd; watching goes on.'),
      )
      .finally(() => {
        this.#busy = undefined;
        if (this.#looksAgain) this.synced();
      });
  }

  /** Reading back comes first: what is not in force is not to be judged by its pace. */
  #next(now: Instant): RemedyDeed | Rereading | undefined {
    for (const unit of this.#unread) {
      const remedy = this.#remedyOf(unit);
      if (remedy !== undefined && isInForce(remedy) && now.monotonicMs >= remedy.retryAtMs)
        return { kind: 'read-back', remedy };
      this.#unread.delete(unit);
    }
    return nextDeed(this.#deps.state, now);
  }

  async #do(deed: RemedyDeed | Rereading): Promise<void> {
    switch (deed.kind) {
      case 'read-back':
        return this.#reread(deed.remedy);
      case 'judged':
        return this.#judged(deed.remedy);
      case 'revert':
        return this.#revert(deed.remedies);
      case 'apply':
        return this.#apply(deed.record);
    }
  }

  async #judged(remedy: Remedy): Promise<void> {
    const before = this.#remedyOf(remedy.unit);
    if (before === undefined) return;
    if (await this.#isOverridden(before, await this.#deps.readBack(before))) return;
    this.#deps.take(remedy);
  }

  async #reread(remedy: Remedy): Promise<void> {
    this.#unread.delete(remedy.unit);
    const found = await this.#deps.readBack(remedy);
    const record = this.#deps.state.units.get(remedy.unit);
    if (await this.#isOverridden(remedy, found)) return;
    if (record !== undefined && found?.settings !== undefined)
      this.#deps.take(withForecast(remedy, record, found.settings));
  }

  /** By a file that came later, as a rule: then flapd's own is taken back, and a person's left, with the reason. */
  async #isOverridden(remedy: Remedy, found: ReadBack | undefined): Promise<boolean> {
    const reason = found?.difference;
    if (reason === undefined) return false;
    if (remedy.by === 'hand') this.#deps.take({ ...remedy, outcome: 'no-effect', reason });
    else await this.#revert([{ remedy, outcome: 'no-effect', reason }]);
    return true;
  }

  /** Where what was asked died, it may have done it, or half: that is set right first. */
  async #ask(request: ApplyRequest): Promise<Asked> {
    const asked = await this.#deps.ask(request);
    if (asked.ok || !asked.isDone) return asked;
    this.#deps.log.warn({}, `${asked.why}: what it left half done is undone or finished now.`);
    await this.#deps.ask({ verb: 'recover' });
    return asked;
  }

  async #revert(due: readonly Reverting[]): Promise<void> {
    const { log, take } = this.#deps;
    for (const { remedy, reason } of due)
      log.info(
        { unit: remedy.unit, incident: remedy.incident },
        `Taking back ${remedyWords(remedy)} of ${remedy.unit}: ${reason}.`,
      );
    const asked = await this.#ask({ verb: 'revert', units: due.map(({ remedy }) => remedy.unit) });
    const standing = asked.ok ? undefined : this.#standing([]);
    const retryAtMs = this.#deps.now().monotonicMs + retryMs;
    for (const { remedy, outcome, reason } of due) {
      const result = asked.ok ? asked.answer.outcomes.find(({ unit }) => unit === remedy.unit) : undefined;
      const isDone = result?.outcome === 'reverted' || result?.outcome === 'already';
      const isGone = isDone || standing?.every(({ unit }) => unit !== remedy.unit) === true;
      if (isGone) take({ ...remedy, dropIn: undefined, outcome, reason, retryAtMs: Infinity });
      else {
        const why = result?.reason ?? whyNot(asked);
        log.warn(
          { unit: remedy.unit },
          `Cannot take back ${remedyWords(remedy)} of ${remedy.unit}: ${why}; it stays, and is tried again in ${displayTimeSpan(retryMs)}.`,
        );
        take({ ...remedy, retryAtMs });
      }
    }
  }

  async #apply(record: UnitRecord): Promise<void> {
    const { unit, incident, policy } = record;
    const { log, take } = this.#deps;
    if (incident === undefined) return;
    const fields = { unit, incident: incident.id };
    const inVain = await this.#triedInVain(record);
    if (inVain !== undefined) {
      log.info(fields, `Policy "${policy.name}" says apply, but nothing is tried for ${unit}: ${inVain}.`);
      // Told and counted when it came to that.
      return take(
        {
          ...blankRemedy(record, this.#deps.now()),
          ...record.remedy,
          incident: incident.id,
          retryAtMs: Infinity,
        },
        { known: true },
      );
    }
    log.info(fields, `Policy "${policy.name}" says apply, so ${unit} is looked at for a remedy.`);
    const advice = await this.#advise(unit);
    const blank = blankRemedy(record, this.#deps.now());
    if (typeof advice === 'string') return take(undone(blank, 'failed', advice, this.#deps.now()));
    if (advice.none !== undefined)
      return take(undone(blank, 'refused', clause(advice.none), this.#deps.now()));
    const directives = advice.advised.map(({ directive }) => directive);
    const wanted = { ...blank, directives };
    // Advice takes a while: by now it may be calm.
    if (this.#deps.state.units.get(unit)?.incident?.id !== incident.id) return;
    const why = advice.advised.map(({ reason }) => reason).join(' ');
    log.info(fields, `Asking ${applySocket} for ${remedyWords(wanted)} for ${unit}: ${why}`);
    const asked = await this.#ask({ verb: 'apply', unit, directives, why, incident: incident.id });
    const result = asked.ok ? asked.answer.outcomes[0] : this.#foundOf(wanted);
    const now = this.#deps.now();
    if (result === undefined) return take(undone(wanted, 'failed', whyNot(asked), now));
    if (result.passes?.of === 'host') this.#heldUntilMs = passedMs(result.passes, now);
    take(resultingRemedy(wanted, advice, result, this.#deps.state.units.get(unit), now));
  }

  /** What did not help is not tried again until somebody has changed something about the unit. */
  async #triedInVain({ unit, remedy }: UnitRecord): Promise<string | undefined> {
    if (remedy?.outcome !== 'no-effect' && remedy?.outcome !== 'worse') return undefined;
    const sinceWallMs = instantAt(remedy.atMs, this.#deps.now()).wallMs;
    const changedMs = await this.#deps.changedWallMs(unit);
    if (changedMs !== undefined && changedMs > sinceWallMs) return undefined;
    const words = remedy.outcome === 'worse' ? 'made it worse' : 'had no effect';
    return `a remedy ${words}, and its files have not changed since`;
  }

  async #advise(unit: string): Promise<Advice | string> {
    try {
      return await this.#deps.advise(unit);
    } catch (error) {
      return `no advice was to be had: ${coerceError(error).message}`;
    }
  }

  /** Nobody says what came of it: what stands on disk does. */
  #foundOf(wanted: Remedy): RemedyOutcome | undefined {
    const found = this.#standing([])?.find(
      (each) => each.unit === wanted.unit && each.incident === wanted.incident,
    );
    if (found?.dropIn === undefined) return undefined;
    const { unit, dropIn, untilWallMs } = found;
    const until = untilWallMs === undefined ? {} : { untilWallMs };
    return { unit, outcome: 'applied', dropIn, ...until };
  }

  /** Undefined where the folders can't be read: then nobody knows, and nothing is taken to be gone. */
  #standing(saved: readonly SavedRemedy[]): readonly Remedy[] | undefined {
    try {
      return remediesOnDisk(this.#deps.files, this.#deps.state, saved, this.#deps.now());
    } catch (error) {
      const why = coerceError(error).message;
      this.#deps.log.warn({}, `Cannot see which remedies are in force: ${why}. Watching goes on.`);
      return undefined;
    }
  }

  #remedyOf(unit: string): Remedy | undefined {
    return this.#deps.state.units.get(unit)?.remedy;
  }

  #anyApplies(): boolean {
    return this.#deps.state.policies.some(({ mode }) => mode === 'apply');
  }

  #hasWork(): boolean {
    const { state } = this.#deps;
    if (state.open.size > 0 && this.#anyApplies()) return true;
    for (const { remedy } of state.units.values()) if (remedy !== undefined && isInForce(remedy)) return true;
    return false;
  }
}

function isOf({ unit, incident }: Remedy): (saved: SavedRemedy) => boolean {
  return (saved) => saved.unit === unit && saved.incident === incident && wasInForce(saved);
}

function isKnown(standing: Remedy, known: Remedy | undefined): boolean {
  return (
    known !== undefined && known.dropIn === standing.dropIn && remedyWords(known) === remedyWords(standing)
  );
}

function whyNot(asked: Asked): string {
  if (!asked.ok) return asked.why;
  return asked.answer.refused ?? 'flapd-apply said nothing of it';
}

function clause(sentence: string): string {
  return sentence.replace(/\.$/, '').replace(/^./, (letter) => letter.toLowerCase());
}
