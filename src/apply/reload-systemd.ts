import { displayTimeSpan } from '../core/time-span.ts';
import { coerceError } from '../kit/errors.ts';
import type { RemedyRoom } from './remedy-room.ts';
import { BusError } from '../systemd/bus-error.ts';

type Reloader = Pick<RemedyRoom, 'manager' | 'say' | 'pace' | 'wait'>;

/** A minute in all, as long as an administrator would try it. The limit's own interval is not to be had over the bus. */
const limitWaitsMs: readonly number[] = [2000, 4000, 8000, 16_000, 30_000];

/**
 * Tells systemd to reload; answers why it did not, as a clause, undefined where it did. One that limits how often it does
 * (253 and up, ReloadLimitIntervalSec=) is asked again, for a minute.
 */
export async function reloadFault({ manager, say, pace, wait }: Reloader): Promise<string | undefined> {
  await pace();
  for (let tries = 0; ; tries += 1) {
    say('Telling systemd to reload its unit files.');
    try {
      await manager.reload();
      return undefined;
    } catch (error) {
      const waitMs = isLimited(error) ? limitWaitsMs[tries] : undefined;
      if (waitMs === undefined) return coerceError(error).message.replace(/\.$/, '');
      say(
        `systemd limits how often it reloads (ReloadLimitIntervalSec=): it is asked again in ${displayTimeSpan(waitMs)}.`,
      );
      await wait(waitMs);
    }
  }
}

function isLimited(error: unknown): boolean {
  return error instanceof BusError && error.name.endsWith('.LimitsExceeded');
}

/** Generators may take 90 s before systemd goes on without them; whoever waits for flapd waits for all of this. */
const answersWithinMs = 60_000;

/** From then on it is worth a word: an answer takes a millisecond. */
const saidAfterMs = 1000;

/**
 * Waits while systemd reloads, whoever told it to, for it answers nothing meanwhile; answers why it is waited for no longer,
 * as a clause, undefined where it answers.
 */
export async function silenceOf({
  manager,
  say,
}: Pick<RemedyRoom, 'manager' | 'say'>): Promise<string | undefined> {
  const within = displayTimeSpan(answersWithinMs);
  const timer = setTimeout(
    () => say(`systemd does not answer, as while it reloads: that is waited for, ${within} at most.`),
    saidAfterMs,
  );
  try {
    await manager.answers(answersWithinMs);
    return undefined;
  } catch (error) {
    if (error instanceof BusError && error.kind === 'timeout')
      return `systemd has not answered within ${within}: it is reloading, or hangs`;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
