import { parseExitSet } from './exit-set-text.ts';
import { growingDelaySince } from './restart-delay.ts';
import { restartModes, restartSettings, serviceTypes } from './restart-settings.ts';
import { parseTimeSpan } from '../time-span.ts';
import type { Assignment } from './unit-file.ts';
import { unsignedOf } from './unsigned-text.ts';

/**
 * How assignments to one directive go together:
 * - `scalar`: the last one counts;
 * - `list`: they add up, and an empty one forgets those before it;
 * - `dependency`: they add up, and an empty one does nothing (systemd.unit(5): dependencies can't be reset);
 * - `unknown`: systemd passes over it.
 */
export type DirectiveKind = 'scalar' | 'list' | 'dependency' | 'unknown';

interface KnownDirective {
  readonly kind: 'scalar' | 'list';
  /** `Section.Directive`: the name in manuals first, then those that old unit files may still use. */
  readonly names: readonly [string, ...string[]];
  /** The systemd that brought it. */
  readonly since?: number;
  /** Whether systemd can read the value; it keeps what it had where it can't. */
  readonly reads: (value: string, systemdVersion: number) => boolean;
}

const isSpan = (value: string): boolean => parseTimeSpan(value).ok;
const isUnsigned = (value: string): boolean => unsignedOf(value) !== undefined;
const isWord =
  (known: readonly string[], since: Readonly<Record<string, number>> = {}) =>
  (value: string, version: number): boolean =>
    known.includes(value) && version >= (since[value] ?? 0);
const isExitSet = (value: string): boolean => {
  const { statuses, signals } = parseExitSet(value);
  return value === '' || statuses.length + signals.length > 0;
};

const notifyReloadSince = 253;
const debugModeSince = 257;
const jitterSince = 262;

/**
 * The directives that decide whether, when and how often systemd restarts a service. What an empty or unreadable value
 * does was tried with `systemd-analyze verify`, the same on 252, 257 and 262: of these only the lists may be emptied.
 */
const knownDirectives: readonly KnownDirective[] = [
  // The names without Sec, and those in [Service], moved in v229 and v230 and are still read, without a word.
  {
    kind: 'scalar',
    names: ['Unit.StartLimitIntervalSec', 'Unit.StartLimitInterval', 'Service.StartLimitInterval'],
    reads: isSpan,
  },
  { kind: 'scalar', names: ['Unit.StartLimitBurst', 'Service.StartLimitBurst'], reads: isUnsigned },
  {
    kind: 'scalar',
    names: ['Unit.StartLimitAction', 'Service.StartLimitAction'],
    reads: (value) =>
      /^(none|(reboot|poweroff|halt)(-force|-immediate)?|(exit|kexec|soft-reboot)(-force)?)$/.test(value),
  },
  {
    kind: 'scalar',
    names: ['Service.Type'],
    reads: isWord(serviceTypes, { 'notify-reload': notifyReloadSince }),
  },
  {
    kind: 'scalar',
    names: ['Service.Restart'],
    reads: isWord(restartSettings),
  },
  { kind: 'scalar', names: ['Service.RestartSec'], reads: isSpan },
  { kind: 'scalar', names: ['Service.RestartSteps'], since: growingDelaySince, reads: isUnsigned },
  { kind: 'scalar', names: ['Service.RestartMaxDelaySec'], since: growingDelaySince, reads: isSpan },
  {
    kind: 'scalar',
    names: ['Service.RestartMode'],
    since: growingDelaySince,
    reads: isWord(restartModes, { debug: debugModeSince }),
  },
  { kind: 'scalar', names: ['Service.RestartRandomizedDelaySec'], since: jitterSince, reads: isSpan },
  { kind: 'list', names: ['Service.RestartPreventExitStatus'], reads: isExitSet },
  { kind: 'list', names: ['Service.RestartForceExitStatus'], reads: isExitSet },
  { kind: 'list', names: ['Service.SuccessExitStatus'], reads: isExitSet },
  { kind: 'scalar', names: ['Service.WatchdogSec'], reads: isSpan },
];

const byName = new Map(knownDirectives.flatMap((known) => known.names.map((name) => [name, known] as const)));
const nameOnly = new Set([...byName.keys()].map((name) => name.slice(name.indexOf('.') + 1)));

const dependencies = new Set(
  (
    'Wants Requires Requisite BindsTo PartOf Upholds Conflicts Before After OnFailure OnSuccess PropagatesReloadTo ' +
    'PropagateReloadTo ReloadPropagatedFrom PropagateReloadFrom PropagatesStopTo StopPropagatedFrom JoinsNamespaceOf ' +
    'RequiresMountsFor WantsMountsFor'
  ).split(' '),
);

/** The sections of a service's unit file; systemd reads no other. */
const sections: ReadonlySet<string> = new Set(['Unit', 'Service', 'Install']);

type Named = Pick<Assignment, 'section' | 'directive'>;

export function kindOf({ section, directive }: Named, systemdVersion: number): DirectiveKind {
  const known = byName.get(`${section}.${directive}`);
  if (known !== undefined) return systemdVersion < (known.since ?? 0) ? 'unknown' : known.kind;
  if (nameOnly.has(directive) || !sections.has(section)) return 'unknown';
  return section === 'Unit' && dependencies.has(directive) ? 'dependency' : 'list';
}

/** Whether systemd can read the value; of a directive that flapd does not know it is taken that it can. */
export function isUsable(assignment: Named & Pick<Assignment, 'value'>, systemdVersion: number): boolean {
  const known = byName.get(`${assignment.section}.${assignment.directive}`);
  return known === undefined || known.reads(assignment.value, systemdVersion);
}

/** One text for all the names of one directive. */
export function keyOf({ section, directive }: Named): string {
  const name = `${section}.${directive}`;
  return byName.get(name)?.names[0] ?? name;
}

/** Whether it is one that decides about restarts, in a section where systemd reads it. */
export function isRestartDirective({ section, directive }: Named): boolean {
  return byName.has(`${section}.${directive}`);
}

/**
 * Where a directive belongs that decides about restarts, but stands in `section`, where systemd does not read it: `Service`
 * for Restart= in [Unit]. Undefined where it is right there, or is no such directive.
 */
export function properSectionOf(directive: string, section: string): string | undefined {
  if (byName.has(`${section}.${directive}`) || !sections.has(section)) return undefined;
  const name = knownDirectives.flatMap(({ names }) => names).find((each) => each.endsWith(`.${directive}`));
  return name?.slice(0, name.indexOf('.'));
}
