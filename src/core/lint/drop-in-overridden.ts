import { isRestartDirective } from '../systemd/unit-directive.ts';
import { dropInNames } from '../systemd/unit-search.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';

/** Packages' own files: a drop-in there is meant to be overridden by the administrator's. */
const vendor = /^\/(usr|lib)\//;

/** What is said of a template, a prefix or all services is meant to be overridden for one of them. */
function isMeant(unit: string, file: string, by: string): boolean {
  const folders = [...dropInNames(unit).map((name) => `${name}.d`), 'service.d'];
  // A folder that is not among them is an alias's.
  const rank = (path: string): number => Math.max(0, folders.indexOf(path.split('/').at(-2) ?? ''));
  return vendor.test(file) || rank(by) < rank(file);
}

/** Drop-ins of all folders are read in the order of their names, so one in /usr/lib may well have the last word. */
export const dropInOverridden: LintRule = {
  id: 'drop-in-overridden',
  finds: 'a setting in a drop-in that a later drop-in overrides',
  manual: ['systemd.unit', 'Description'],
  find: ({ unit, files: [fragment], settings }) =>
    settings.flatMap((setting) => {
      const { file, section, directive, value, standing } = setting;
      if (standing.kind !== 'overridden' || !isRestartDirective(setting)) return [];
      const { by } = standing;
      const isDropIn = file !== fragment?.file && by.file !== file;
      if (!isDropIn || isMeant(unit, file, by.file) || by.value === value) return [];
      return [
        {
          severity: 'warning',
          at: setting,
          message: `${directive}=${value} has no effect: ${by.file}, line ${by.line}, is read later and says ${by.directive}=${by.value}`,
          fix: `${dropIn({ [section]: [`${directive}=${value}`] })}# in a drop-in whose name comes after "${nameOf(by.file)}", or else delete the line`,
        } as const,
      ];
    }),
};

function nameOf(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}
