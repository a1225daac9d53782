import { type Directive, directiveValue, sectionOf } from './directive.ts';
import { instantAt, type Instant } from '../instant.ts';
import { isInForce, type Remedy, type RemedyState } from './remedy.ts';
import type { RemedyForecast } from './remedy-forecast.ts';
import type { RemedyOutcome } from './remedy-outcome.ts';

export interface RemedyForecastView {
  /** At most so many. */
  readonly restarts: number;
  readonly withinSeconds: number;
  /** Within that it is to rest, and be restarted no more. */
  readonly rests: boolean;
  /** From the end of a run to the restart that is to come. */
  readonly delaySeconds?: number;
}

/** A remedy as `--json`, the API and the sinks show it. Field names are a contract; an absent field means "not known". */
export interface RemedyView {
  readonly unit: string;
  /** The file that holds it. */
  readonly dropIn?: string;
  readonly directives?: readonly {
    readonly section: string;
    readonly directive: string;
    readonly to: string;
  }[];
  readonly appliedAt?: string;
  readonly until?: string;
  /** `pending`: it is in force, and whether it helps is not known yet. */
  readonly outcome: RemedyState;
  readonly reason?: string;
  /** What was to come of it when it was applied; absent where that is not known. */
  readonly predicted?: RemedyForecastView;
  /** Nothing was written: this is what would come of it. */
  readonly dryRun?: true;
}

const words: Readonly<Record<RemedyOutcome['outcome'], RemedyView['outcome']>> = {
  applied: 'pending',
  'would-apply': 'pending',
  already: 'pending',
  reverted: 'reverted',
  'would-revert': 'reverted',
  refused: 'refused',
  'no-effect': 'no-effect',
  failed: 'failed',
};

/** As it stands: `at` is any moment of this boot, by which both clocks are known. */
export function presentStanding(remedy: Remedy, at: Instant): RemedyView {
  const { unit, dropIn, directives, atMs, untilWallMs, forecast, outcome, reason } = remedy;
  return {
    unit,
    ...(dropIn === undefined ? {} : { dropIn }),
    directives: presentDirectives(directives),
    ...(isInForce(remedy) ? { appliedAt: new Date(instantAt(atMs, at).wallMs).toISOString() } : {}),
    ...(untilWallMs === undefined ? {} : { until: new Date(untilWallMs).toISOString() }),
    outcome,
    ...(reason === undefined ? {} : { reason }),
    ...(forecast === undefined ? {} : { predicted: presentForecast(forecast) }),
  };
}

function presentForecast({ restarts, withinMs, rests, delayMs }: RemedyForecast): RemedyForecastView {
  const delay = delayMs === undefined ? {} : { delaySeconds: seconds(delayMs) };
  return { restarts, withinSeconds: seconds(withinMs), rests, ...delay };
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(3));
}

function presentDirectives(directives: readonly Directive[]): NonNullable<RemedyView['directives']> {
  return directives.map((each) => ({
    section: sectionOf(each.name),
    directive: each.name,
    to: directiveValue(each),
  }));
}

export function presentRemedy(
  { unit, outcome, reason, dropIn, untilWallMs }: RemedyOutcome,
  wish: {
    readonly verb: 'apply' | 'revert';
    readonly directives?: readonly Directive[];
    readonly atWallMs?: number;
  },
): RemedyView {
  const { verb, directives, atWallMs } = wish;
  return {
    unit,
    ...(dropIn === undefined ? {} : { dropIn }),
    ...(directives === undefined ? {} : { directives: presentDirectives(directives) }),
    ...(outcome === 'applied' && atWallMs !== undefined
      ? { appliedAt: new Date(atWallMs).toISOString() }
      : {}),
    ...(untilWallMs === undefined ? {} : { until: new Date(untilWallMs).toISOString() }),
    outcome: verb === 'revert' && outcome === 'already' ? 'reverted' : words[outcome],
    ...(reason === undefined ? {} : { reason }),
    ...(outcome.startsWith('would-') ? { dryRun: true as const } : {}),
  };
}
