import { isRestartDirective } from '../unit-directive.ts';
import { dropIn } from './finding.ts';
import type { LintRule } from './rule.ts';

/** Packages' own files: a drop-in there is meant to be overridden by the administrator's. */
const vendor = /^\/(usr|lib)\//;

/** Drop-ins of all folders are read in the order of their names, so one in /usr/lib may well have the last word. */
export const dropInOverridden: LintRule = {
  id: 'drop-in-overridden',
  finds: 'a setting in a drop-in that a later drop-in overrides',
  manual: ['systemd.unit', 'Description'],
  find: ({ files: [fragment], settings }) =>
    settings.flatMap((setting) => {
      const { file, section, directive, value, standing } = setting;
      if (standing.kind !== 'overridden' || !isRestartDirective(setting)) return [];
      const { by } = standing;
      const isDropIn = file !== fragment?.file && by.file !== file;
      if (!isDropIn || vendor.test(file) || by.value === value) return [];
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
