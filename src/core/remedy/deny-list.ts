import { covers } from '../pattern-cover.ts';
import { matchesUnit } from '../unit-pattern.ts';

/** What flapd never changes, whatever a policy says: a mistake there would lock its owner out, or blind flapd itself. */
export const neverApplied: readonly (readonly [pattern: string, because: string])[] = [
  ['systemd-*', "it is one of systemd's own"],
  ['dbus*', 'systemd is spoken to through it'],
  ['user@*', 'it is the service manager of a user'],
  ['init.scope', 'it is systemd itself'],
  ['ssh*', 'it lets people log in'],
  ['getty@*', 'it lets people log in'],
  ['serial-getty@*', 'it lets people log in'],
  ['flapd.service', 'it is flapd itself'],
  ['flapd-apply*', 'it is flapd itself'],
];

/** Why flapd never changes this unit: `it lets people log in`; undefined where it may. */
export function neverAppliesTo(unit: string): string | undefined {
  return neverApplied.find(([pattern]) => unit === pattern || matchesUnit(pattern, unit))?.[1];
}

/** Why flapd never changes any unit that this pattern fits; undefined where it may change one. */
export function neverAppliesToAnyOf(pattern: string): string | undefined {
  return neverApplied.find(([denied]) => covers(denied, pattern))?.[1];
}
