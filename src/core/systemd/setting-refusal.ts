import type { RestartSettings } from './restart-settings.ts';

/** From this version on a oneshot may have a Restart= at all (systemd pull request 13754). */
const oneshotRestartsSince = 245;
/** From this version on it may have a RestartForceExitStatus=, which does nothing after a success (pull request 31149). */
const oneshotForcedSince = 256;

/**
 * Why systemd would not load a unit with these settings, as a clause; undefined where it would (service.c
 * `service_verify`). Its state is then `bad-setting`: it can't be started, and a restart that was pending fails for good.
 */
export function refusalOf({
  type,
  restart,
  forceExitStatus,
  systemdVersion,
}: Pick<RestartSettings, 'type' | 'restart' | 'forceExitStatus' | 'systemdVersion'>): string | undefined {
  if (type !== 'oneshot') return undefined;
  if (restart === 'always' || restart === 'on-success')
    return `systemd refuses a oneshot with Restart=${restart}`;
  if (restart !== 'no' && systemdVersion < oneshotRestartsSince)
    return `systemd ${systemdVersion} refuses a oneshot with Restart=${restart}`;
  const forced = forceExitStatus.statuses.length + forceExitStatus.signals.length > 0;
  return forced && systemdVersion < oneshotForcedSince
    ? `systemd ${systemdVersion} refuses a oneshot with RestartForceExitStatus=`
    : undefined;
}
