import type { Evidence } from '../../../src/core/evidence/evidence.ts';
import type { World } from '../../support/evidence.ts';

/** What common programs say when they die, the machine as it was, and what flapd must make of it. */
export interface LogSample {
  readonly who: string;
  readonly lines: readonly string[];
  readonly id: string;
  readonly state: 'confirmed' | 'likely' | 'could-not-check';
  readonly says: string | RegExp;
  readonly world?: World;
  readonly more?: Partial<Evidence>;
}
