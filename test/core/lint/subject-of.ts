import { restartSettingsIn } from '../../../src/core/systemd/file-restart-settings.ts';
import type { LintSubject } from '../../../src/core/lint/subject.ts';
import type { UnitPast } from '../../../src/core/lint/unit-past.ts';
import { parseUnitFile } from '../../../src/core/systemd/unit-file.ts';
import { unitSettings } from '../../../src/core/systemd/unit-settings.ts';

export const fragment = '/etc/systemd/system/a.service';
const dropInFolder = '/etc/systemd/system/a.service.d/';

export interface Given extends Partial<Omit<LintSubject, 'files' | 'settings' | 'restart'>> {
  readonly version?: number;
  /** By name, below a.service.d, or by their whole path; in the order in which they are read. */
  readonly dropIns?: Readonly<Record<string, string>>;
}

/** A service with these files, and systemd's own defaults. */
export function subjectOf(text: string, given: Given = {}): LintSubject {
  const { version = 257, dropIns = {}, ...rest } = given;
  const files = [
    { file: fragment, ...parseUnitFile(text) },
    ...Object.entries(dropIns).map(([name, each]) => ({
      file: name.startsWith('/') ? name : dropInFolder + name,
      ...parseUnitFile(each),
    })),
  ];
  const settings = unitSettings(files, version);
  const defaults = { restartSecMs: 100, startLimitIntervalMs: 10_000, startLimitBurst: 5 };
  return {
    unit: 'a.service',
    files,
    settings,
    restart: restartSettingsIn(settings, defaults, version),
    complaints: [],
    hasSocket: false,
    active: false,
    startingForMs: undefined,
    past: undefined,
    ...rest,
  };
}

export function pastOf(change: Partial<UnitPast> = {}): UnitPast {
  return { loop: undefined, exits: new Map(), neverReady: 0, ready: 0, ...change };
}
