import type { AdviceEvidence } from './advice-evidence.ts';
import type { Advised } from './advised.ts';
import { namesWords } from './advice-words.ts';
import { countText } from '../count-words.ts';
import { brakeOf, longestDelayMs } from '../systemd/brake.ts';
import type { RestartSettings } from '../systemd/restart-settings.ts';
import { displayTimeSpan } from '../time-span.ts';

/** From this version on the window of a start limit outlives a reload. */
const windowKeptSince = 255;

/** What whoever applies it should know: sentences. */
export function notesOn(
  evidence: AdviceEvidence,
  advised: readonly Advised[],
  after: RestartSettings,
): readonly string[] {
  const { service, sisters } = evidence;
  const names = new Set(advised.map(({ directive }) => directive.name));
  const canRest = names.has('RestartPreventExitStatus') || names.has('StartLimitBurst');
  return [
    ...(canRest ? dependents(evidence) : []),
    ...(names.has('RestartSteps') ? ladderNotes(evidence, after) : []),
    ...unreadNotes(evidence),
    ...reloadNotes(evidence, after),
    ...(service.unitFileState === 'generated'
      ? ['Its unit file is made by a generator, at each reload anew: a drop-in stays, an edit would not.']
      : []),
    ...(sisters.length > 0 && sisters.every(({ diesAlike }) => diesAlike)
      ? [
          `${sisters.length === 1 ? 'Both' : `All ${sisters.length + 1}`} instances that are loaded die alike, so it is for their template.`,
        ]
      : []),
  ];
}

function dependents({ service: { boundBy, requiredBy } }: AdviceEvidence): readonly string[] {
  const bound =
    boundBy.length === 0 ? [] : [`While it is down, ${namesWords(boundBy)} is stopped with it (BindsTo=).`];
  const required =
    requiredBy.length === 0
      ? []
      : [`While it rests in "failed", ${namesWords(requiredBy)} can't be started (Requires=).`];
  return [...bound, ...required];
}

function ladderNotes({ service }: AdviceEvidence, after: RestartSettings): readonly string[] {
  const longest = displayTimeSpan(longestDelayMs(after));
  const stays = `systemd does not shorten the delay again while the service is well: \`systemctl reset-failed ${service.unit}\` does.`;
  return service.nRestarts >= after.restartSteps
    ? [
        `Its restart counter stands at ${countText(service.nRestarts)}, past the last step, so the next delay is ${longest} at once; ${stays}`,
      ]
    : [stays];
}

/** systemd reads them as root. */
function unreadNotes({ unread }: AdviceEvidence): readonly string[] {
  return unread.length === 0
    ? []
    : [`Whether a later file overrides it is not known in full: ${namesWords(unread)} can't be read.`];
}

function reloadNotes(
  { service }: AdviceEvidence,
  { restartMode, systemdVersion }: RestartSettings,
): string[] {
  const { settings, needsReload } = service;
  const limited = settings !== undefined && brakeOf(settings, 0).kind !== 'off';
  return [
    ...(restartMode === 'direct'
      ? ['The reload that brings it into force restarts it at once where it waits (RestartMode=direct).']
      : []),
    ...(limited && systemdVersion < windowKeptSince
      ? [`A reload empties the start-limit window of every unit (systemd ${systemdVersion}): reload once.`]
      : []),
    ...(needsReload
      ? ['Its files have changed since systemd read them: a reload brings those changes into force too.']
      : []),
  ];
}
