/** Every unit type of systemd 252 to 262 (unit-def.c `unit_type_table`), as the suffix that unit names end in. */
const unitSuffixes: ReadonlySet<string> = new Set([
  '.service',
  '.mount',
  '.swap',
  '.socket',
  '.target',
  '.device',
  '.automount',
  '.timer',
  '.path',
  '.slice',
  '.scope',
]);

/** UNIT_NAME_MAX of systemd is 256 with its closing NUL; legal characters are ASCII, so characters are bytes. */
const maxUnitNameLength = 255;

const pathPrefix = '/org/freedesktop/systemd1/unit/';

export interface UnitNameParts {
  /** Before the first `@`, or before the suffix where there is none. */
  readonly prefix: string;
  /** Between the first `@` and the suffix; empty for a template, absent for a plain unit. */
  readonly instance?: string;
  /** With its dot: `.service`. */
  readonly suffix: string;
}

/** Whether the text ends in a unit type, as `.service`; says nothing of what comes before. */
export function hasUnitSuffix(text: string): boolean {
  return unitSuffixes.has(text.slice(text.lastIndexOf('.')));
}

/** As unit-name.c `unit_name_is_valid`: plain units, instances and templates. */
export function isUnitName(text: string): boolean {
  return (
    text.length <= maxUnitNameLength && /^[\w:.\\-][\w:.\\@-]*\.[a-z]+$/.test(text) && hasUnitSuffix(text)
  );
}

export function isServiceName(text: string): boolean {
  return text.endsWith('.service') && isUnitName(text);
}

/** Undefined where `name` is no unit name. */
export function splitUnitName(name: string): UnitNameParts | undefined {
  if (!isUnitName(name)) return undefined;
  const dot = name.lastIndexOf('.');
  const at = name.indexOf('@');
  const suffix = name.slice(dot);
  if (at === -1) return { prefix: name.slice(0, dot), suffix };
  return { prefix: name.slice(0, at), instance: name.slice(at + 1, dot), suffix };
}

/** What a person types: `logstash` is logstash.service, as for systemctl. Undefined where no unit is called so. */
export function expandUnitName(text: string): string | undefined {
  const name = isUnitName(text) ? text : `${text}.service`;
  return isUnitName(name) ? name : undefined;
}

export type TypedService =
  | { readonly ok: true; readonly unit: string }
  | { readonly ok: false; readonly found: string; readonly isTemplate: boolean };

/** The service that a person types by its name, or why there is none of which something could run. */
export function typedService(text: string): TypedService {
  const refused = (found: string, isTemplate = false): TypedService => ({ ok: false, found, isTemplate });
  const unit = expandUnitName(text);
  if (unit === undefined) return refused('it is not a unit name');
  if (!isServiceName(unit)) return refused('it is not a service');
  if (splitUnitName(unit)?.instance === '') return refused('it is a template, of which nothing runs', true);
  return { ok: true, unit };
}

/** The D-Bus object path of a unit (bus-label.c `bus_label_escape`). */
export function unitPath(name: string): string {
  if (name === '') return `${pathPrefix}_`;
  return pathPrefix + name.replace(/[^A-Za-z0-9]|^[0-9]/gu, escapeCharacter);
}

/** Exact inverse of {@link unitPath} on unit names; undefined for every other path. */
export function unitNameOfPath(path: string): string | undefined {
  if (!path.startsWith(pathPrefix)) return undefined;
  const name = path
    .slice(pathPrefix.length)
    .replace(/_([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return isUnitName(name) && unitPath(name) === path ? name : undefined;
}

function escapeBytes(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => `_${byte.toString(16).padStart(2, '0')}`,
  ).join('');
}

/** Once for each signal, so legal names, which are ASCII, take a short way. */
function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  return code >= 0x10 && code < 0x80 ? `_${code.toString(16)}` : escapeBytes(character);
}
