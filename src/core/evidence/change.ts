export type ChangeKind = 'unit-file' | 'drop-in' | 'executable' | 'config' | 'package';

/** Something on the machine that changed before the first failure. Most loops follow a change. */
export interface ChangeView {
  readonly at: string;
  readonly kind: ChangeKind;
  /** "drop-in /etc/… was changed", "nginx was upgraded from 1.22.1-9 to 1.22.1-10" */
  readonly what: string;
}

/** Older ones did not keep it from running. */
export const lookBackMs = 24 * 3_600_000;
/** What is changed in the moment of the first start is the change that led to it. */
const slackMs = 2000;
const mostChanges = 8;

/** The latest before the first failure come first. */
export function changesBefore(changes: readonly ChangeView[], firstFailureMs: number): readonly ChangeView[] {
  return changes
    .filter(({ at }) => {
      const atMs = Date.parse(at);
      return atMs <= firstFailureMs + slackMs && atMs >= firstFailureMs - lookBackMs;
    })
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, mostChanges);
}
