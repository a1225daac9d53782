import type { AdviceEvidence } from './advice-evidence.ts';
import { type Advised, onlyChanges, settingsWith } from './advised.ts';
import { asSentence } from './advice-words.ts';
import { basisOf } from './advice-basis.ts';
import { notesOn } from './advice-notes.ts';
import { type Counterfactual, counterfactualOf } from './counterfactual.ts';
import { directiveLine } from '../remedy/directive.ts';
import { loopShapeOf, usualRunOf } from './loop-shape.ts';
import { remedyFor } from './remedy-choice.ts';
import type { SimulatedRun } from '../systemd/simulate.ts';
import { whyLeftAlone } from './left-alone.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { splitUnitName } from '../unit-name.ts';

/** What to change about a unit's restarts, or why nothing. */
export interface Advice {
  readonly unit: string;
  /** The unit whose drop-in it is: itself, or its template where all instances share the fault. */
  readonly target: string;
  /** In the order of a drop-in; none where nothing should change. */
  readonly advised: readonly Advised[];
  /** The sentence that says why nothing should change; undefined where something should. */
  readonly none: string | undefined;
  /** What it goes by, and how thin that is. */
  readonly basis: string;
  /** Sentences on what comes with the change, or stands in its way. */
  readonly notes: readonly string[];
  /** Drop-ins that it has now. */
  readonly files: readonly string[];
  /** As they are now; undefined where systemd has read no unit file. */
  readonly before: RestartSettings | undefined;
  /** As they are once the drop-in is in force. */
  readonly after: RestartSettings | undefined;
  /** Undefined where nothing should change. */
  readonly counterfactual: Counterfactual | undefined;
  /** How the loop's runs go: what is to come is foretold by it. Undefined where that is not known. */
  readonly usualRun: SimulatedRun | undefined;
}

/** What an expert would say, from the evidence alone. */
export function advise(evidence: AdviceEvidence): Advice {
  const { service } = evidence;
  const { settings } = service;
  const loop = loopShapeOf(evidence);
  const nothing = (none: string, notes: readonly string[] = []): Advice => ({
    unit: service.unit,
    target: service.unit,
    advised: [],
    none,
    basis: basisOf(evidence, loop),
    notes,
    files: service.dropInPaths,
    before: settings,
    after: settings,
    counterfactual: undefined,
    usualRun: usualRunOf(loop.deaths),
  });
  const alone = whyLeftAlone(evidence, loop);
  if (alone.kind === 'left-alone') return nothing(alone.because);

  const remedy = remedyFor(evidence, loop, alone.settings);
  if (remedy.kind === 'none') return nothing(remedy.because, remedy.notes);
  const advised = onlyChanges(remedy.advised, alone.settings).map(({ directive, reason }) => ({
    directive,
    reason: asSentence(reason),
  }));
  if (advised.length === 0)
    return nothing('It is set as it would be advised already: change nothing, fix the program.');
  if (service.transient) return nothing(ofTransient(advised), remedy.notes);

  const after = settingsWith(
    alone.settings,
    advised.map(({ directive }) => directive),
  );
  return {
    ...nothing(''),
    target: targetOf(evidence),
    advised,
    none: undefined,
    notes: [...remedy.notes, ...notesOn(evidence, advised, after)],
    after,
    counterfactual: counterfactualOf(evidence, after),
  };
}

function ofTransient(advised: readonly Advised[]): string {
  const properties = advised.map(({ directive }) => directiveLine(directive));
  return `It is transient, so a drop-in would outlive it: what creates it should set ${properties.join(' ')} (\`systemd-run -p\`).`;
}

/** Instances have their own troubles, unless all of them have the same. */
function targetOf({ service: { unit }, sisters }: AdviceEvidence): string {
  const parts = splitUnitName(unit);
  const shared = sisters.length > 0 && sisters.every(({ diesAlike }) => diesAlike);
  return shared && parts?.instance !== undefined ? `${parts.prefix}@${parts.suffix}` : unit;
}
