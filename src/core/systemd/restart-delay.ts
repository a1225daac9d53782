import type { RestartSettings } from './restart-settings.ts';

/** The version that brought RestartSteps= and RestartMaxDelaySec=; older ones pass over both. */
export const growingDelaySince = 254;

/**
 * How long systemd waits before the restart that raises NRestarts to `n` (1 and up), without the slack of its timer:
 * service.c `service_restart_usec_next`, the same from 254 to 262. NRestarts never falls while the service is well, so
 * the delay that it has come to stays.
 */
export function restartDelayMs(
  n: number,
  settings: Pick<RestartSettings, 'restartSecMs' | 'restartSteps' | 'restartMaxDelayMs' | 'systemdVersion'>,
): number {
  const { restartSecMs, restartSteps, restartMaxDelayMs, systemdVersion } = settings;
  if (systemdVersion < growingDelaySince) return restartSecMs;
  // Service.c `service_verify`: "RestartMaxDelaySec= has a value smaller than RestartSec=, resetting", steps or not.
  if (restartMaxDelayMs <= restartSecMs) return restartMaxDelayMs;
  if (n <= 1 || restartSteps === 0 || restartSecMs === 0 || restartMaxDelayMs === Infinity)
    return restartSecMs;
  if (n > restartSteps) return restartMaxDelayMs;
  return restartSecMs * (restartMaxDelayMs / restartSecMs) ** ((n - 1) / restartSteps);
}
