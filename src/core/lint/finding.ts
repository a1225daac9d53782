import type { PlacedAssignment } from '../systemd/unit-settings.ts';

/**
 * - `error`: systemd does not do what is written there;
 * - `warning`: it does, and that is no brake;
 * - `info`: worth knowing, and perhaps meant.
 */
export type Severity = 'error' | 'warning' | 'info';

/** From the worst down. */
export const severities: readonly Severity[] = ['error', 'warning', 'info'];

/** What a rule found, and where. */
export interface Found {
  readonly severity: Severity;
  /** Undefined where no line is to blame: then it is the unit file as a whole. */
  readonly at: PlacedAssignment | undefined;
  /** One clause with the numbers, without the unit. */
  readonly message: string;
  /** A drop-in, which begins with `[`, or else a clause that says what to do. */
  readonly fix: string;
}

/** One brake that can't work, at the place where it stands: the shape of `flapd lint --json`. */
export interface Finding {
  /** For scripts: `start-limit-out-of-reach`. */
  readonly id: string;
  readonly severity: Severity;
  readonly unit: string;
  /** All that it holds for, `unit` first, at most 100 of them; absent where that is one. */
  readonly units?: readonly string[];
  /** How many it holds for; absent where that is one. */
  readonly unitsTotal?: number;
  readonly file: string;
  /** From 1; a finding about the unit file as a whole stands at 1:1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
  /** The section of the manual, as a URL. */
  readonly see: string;
  /** The assignment; absent where no line is to blame. */
  readonly source?: string;
}

/** The lines of a drop-in, one section each. */
export function dropIn(sections: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(sections)
    .filter(([, lines]) => lines.length > 0)
    .map(([section, lines]) => `[${section}]\n${lines.map((line) => `${line}\n`).join('')}`)
    .join('\n');
}
