import { compareText } from '../compare-text.ts';
import type { AdviceView, IncidentView } from '../view.ts';

/** "RestartPreventExitStatus=1. The main process ended …", or the sentence that says why nothing should change. */
export function adviceWords({ directives, none, unit, target }: AdviceView): string {
  if (none !== undefined) return none;
  const lines = directives.map(({ directive, writes }) => `${directive}=${writes}`).join(' ');
  const [first] = directives.toSorted((a, b) => compareText(a.section, b.section));
  const whose = target === unit ? '' : ` for ${target}`;
  return `${lines}${whose}. ${first?.reason ?? ''}`.trim();
}

/** "Advice: RestartPreventExitStatus=1 for logstash.service (flapd advise logstash.service)"; undefined where there is none. */
export function incidentAdvice({ advice, unit }: Pick<IncidentView, 'advice' | 'unit'>): string | undefined {
  if (advice === undefined) return undefined;
  if (advice.none !== undefined) return `Advice: ${advice.none}`;
  const lines = advice.directives.map(({ directive, writes }) => `${directive}=${writes}`).join(' ');
  return `Advice: ${lines} (flapd advise ${unit})`;
}
