import { willRestart } from '../systemd/restart-decision.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import type { RunEnding } from '../systemd/run-ending.ts';

/** Ends of a main process that are failures, one for each `Result` that Restart= tells apart. */
export const failures: readonly RunEnding[] = (
  [
    ['exited', 1, 'exit-code', 'running'],
    ['killed', 11, 'signal', 'running'],
    ['dumped', 11, 'core-dump', 'running'],
    ['killed', 15, 'timeout', 'start'],
    ['killed', 6, 'watchdog', 'running'],
    ['killed', 9, 'oom-kill', 'running'],
  ] as const
).map(([code, status, result, during]) => ({
  process: 'main',
  code,
  status,
  result,
  during,
  requested: false,
}));

/** Whether there is any end after which systemd starts it anew: only then has it, or needs it, a brake. */
export function restartsByItself(settings: RestartSettings): boolean {
  const { statuses, signals } = settings.forceExitStatus;
  const forced = statuses.length + signals.length > 0;
  if (settings.type === 'oneshot' && !failures.some((end) => willRestart(end, settings).restarts))
    return false;
  return settings.restart !== 'no' || forced;
}

/** Whether systemd starts it anew however it fails, so that it never comes to rest by failing. */
export function restartsAlways(settings: RestartSettings): boolean {
  const { statuses, signals } = settings.preventExitStatus;
  return (
    statuses.length + signals.length === 0 && failures.every((end) => willRestart(end, settings).restarts)
  );
}
