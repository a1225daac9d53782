import type { IncidentView, UnitView } from '../core/view.ts';

/** What `flapd status` shows. */
export interface StatusPicture {
  /** From a running daemon, or read off systemd and the journal on the spot. */
  readonly from: 'daemon' | 'systemd';
  readonly units: readonly UnitView[];
  readonly incidents: readonly IncidentView[];
  /** Why it is not a daemon's: half a sentence. */
  readonly instead?: string;
  /** How much of the journal was read. */
  readonly lookBackMs?: number;
  /** What could not be read or is out of date, in one sentence. */
  readonly warning?: string;
  /** On how many of the incidents there was no time to advise. */
  readonly unadvised?: number;
  /** Without the journal nothing is known of what happened before the look. */
  readonly pastUnknown?: boolean;
}
