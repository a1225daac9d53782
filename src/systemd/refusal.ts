import { BusError } from './bus-error.ts';

/** Error replies that say nothing of what was asked: PID 1 was busy, re-executing or not there. */
const notAnswered = /\.(NoReply|Disconnected|NameHasNoOwner|ServiceUnknown|Timeout|TimedOut|LimitsExceeded)$/;

/** systemd itself has said no, as it does to what is asked of a unit that is gone by now: asking again would not help. */
export function isRefusal(error: unknown): error is BusError {
  return error instanceof BusError && error.kind === 'error-reply' && !notAnswered.test(error.name);
}
