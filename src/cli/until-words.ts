import { localTime } from './local-time.ts';

const shortMs = 10 * 60 * 1000;

/** "14:05" in the user's own zone; with the date where it is another day, with seconds where it is soon. */
export function untilWords(untilMs: number, nowMs: number): string {
  const [date = '', time = ''] = localTime(untilMs).split(' ');
  const isToday = localTime(nowMs).startsWith(date);
  const clock = untilMs - nowMs < shortMs ? time : time.slice(0, 5);
  return isToday ? clock : `${date} ${clock}`;
}
