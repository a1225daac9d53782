import type { CauseView, IncidentView } from './view.ts';

const stateWords: Readonly<Record<CauseView['state'], string>> = {
  confirmed: 'confirmed',
  likely: 'likely',
  'could-not-check': 'likely; could not be checked',
};

/** "TCP port 80 is already in use: … (address-in-use, confirmed)" */
export function causeWords({ id, state, sentence }: CauseView): string {
  return `${sentence} (${id}, ${stateWords[state]})`;
}

/** "Likely cause: …" of an incident's first cause; undefined where none was found. */
export function incidentCause({ causes }: Pick<IncidentView, 'causes'>): string | undefined {
  const [first] = causes ?? [];
  return first === undefined ? undefined : `Cause: ${causeWords(first)}`;
}
