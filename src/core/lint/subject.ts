import type { RestartSettings } from '../systemd/restart-settings.ts';
import { valueOf, type PlacedFile, type Setting } from '../systemd/unit-settings.ts';
import type { UnitPast } from './unit-past.ts';

/** A line of a unit's files of which systemd itself says that it passes over it, or can't read it. */
export interface Complaint {
  readonly file: string;
  /** The last one, where it goes on over several. */
  readonly line: number;
  /** systemd's own words: `Unknown key 'RestartSteps' in section [Service], ignoring.` */
  readonly message: string;
}

/** All that is asked about one service, looping or not, running or not. */
export interface LintSubject {
  readonly unit: string;
  /** The unit file first, then the drop-ins, as systemd reads them. */
  readonly files: readonly PlacedFile[];
  readonly settings: readonly Setting[];
  /** What they come to. */
  readonly restart: RestartSettings;
  readonly complaints: readonly Complaint[];
  /** A socket starts it anew when somebody needs it. */
  readonly hasSocket: boolean;
  /** It is up now: what has to say that it is ready has said so. */
  readonly active: boolean;
  /** For how long its main process has been running without having said that it is ready; undefined where that is not so. */
  readonly startingForMs: number | undefined;
  /** What the journal tells of it; undefined where it tells nothing. */
  readonly past: UnitPast | undefined;
}

/** The first of these directives that a file sets, written `Section.Directive`: where a finding about them stands. */
export function placeOf({ settings }: LintSubject, ...names: readonly string[]): Setting | undefined {
  for (const name of names) {
    const [section = '', directive = ''] = name.split('.');
    const found = valueOf(settings, section, directive);
    if (found !== undefined) return found;
  }
  return undefined;
}
