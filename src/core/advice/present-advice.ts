import type { Advice } from './advice.ts';
import { settingText } from './advised.ts';
import { counterfactualSentence } from './counterfactual-words.ts';
import { directiveValue, sectionOf } from '../remedy/directive.ts';
import { commentText } from '../remedy/drop-in.ts';
import { dropInSections } from '../remedy/drop-in-sections.ts';
import { instantAt, type Instant } from '../instant.ts';
import type { AdviceView, CounterfactualView } from '../view.ts';

export function presentAdvice(advice: Advice, now: Instant): AdviceView {
  const { unit, target, none, basis, notes, advised } = advice;
  const counterfactual = presentCounterfactual(advice, now);
  return {
    unit,
    target,
    directives: directivesOf(advice),
    ...(advised.length === 0 ? {} : { dropIn: adviceDropIn(advice) }),
    ...(counterfactual === undefined ? {} : { counterfactual }),
    ...(none === undefined ? {} : { none }),
    basis,
    notes,
  };
}

function directivesOf({ advised, before, after }: Advice): AdviceView['directives'] {
  if (before === undefined || after === undefined) return [];
  return advised.map(({ directive, reason }) => ({
    section: sectionOf(directive.name),
    directive: directive.name,
    from: settingText(directive.name, before),
    to: settingText(directive.name, after),
    writes: directiveValue(directive),
    reason,
  }));
}

/** For `systemctl edit --stdin`: why in comments, so that whoever finds it later knows. */
export function adviceDropIn({ unit, advised, basis }: Advice): string {
  const comments = [
    `# Advised by flapd for ${unit}. ${commentText(basis)}`,
    ...advised.map(({ directive, reason }) => `# ${directive.name}: ${commentText(reason)}`),
  ];
  return `${comments.join('\n')}\n\n${dropInSections(advised.map(({ directive }) => directive))}`;
}

function presentCounterfactual({ counterfactual }: Advice, now: Instant): CounterfactualView | undefined {
  if (counterfactual === undefined) return undefined;
  const { sinceMs, untilMs, restarts, burnedCpuMs, longestExtraDownMs } = counterfactual;
  return {
    since: new Date(instantAt(sinceMs, now).wallMs).toISOString(),
    until: new Date(instantAt(untilMs, now).wallMs).toISOString(),
    restarts,
    ...(burnedCpuMs === undefined
      ? {}
      : { burnedCpuSeconds: { was: seconds(burnedCpuMs.was), wouldBe: seconds(burnedCpuMs.wouldBe) } }),
    longestExtraDownSeconds: seconds(longestExtraDownMs),
    sentence: counterfactualSentence(counterfactual, now.monotonicMs),
  };
}

function seconds(ms: number): number {
  return Number((ms / 1000).toFixed(3));
}
