import { tellingLines } from '../causes/telling-lines.ts';
import { plainText } from '../log-text.ts';
import type { CauseView, IncidentView } from '../view.ts';

const stateWords: Readonly<Record<CauseView['state'], string>> = {
  confirmed: 'confirmed',
  likely: 'likely',
  'could-not-check': 'likely; could not be checked',
};

/** "TCP port 80 is already in use: … (address-in-use, confirmed)" */
export function causeWords({ id, state, sentence }: CauseView): string {
  return `${sentence} (${id}, ${stateWords[state]})`;
}

type Explained = Pick<IncidentView, 'causes' | 'evidence'>;

/** "Cause: …" of an incident's first cause; where none was found, what its first failure said last; undefined without either. */
export function incidentCause(incident: Explained): string | undefined {
  const [first] = incident.causes ?? [];
  if (first !== undefined) return `Cause: ${causeWords(first)}`;
  const words = lastWords(incident);
  return words === undefined ? undefined : `Cause not known; it said last: "${words}"`;
}

const mostChars = 200;

/** Somebody who knows the service may know more by it; undefined until the cause was looked for. */
export function lastWords({ causes, evidence }: Explained): string | undefined {
  if (causes === undefined || evidence === undefined) return undefined;
  const own = evidence.lines.filter(({ by }) => by === 'service');
  const last = tellingLines(evidence)[0] ?? own.at(-1);
  return last === undefined ? undefined : plainText(last.text, mostChars);
}
