import { restartSettingsIn } from '../core/file-restart-settings.ts';
import type { Complaint, LintSubject } from '../core/lint/subject.ts';
import type { UnitPast } from '../core/lint/unit-past.ts';
import { majorVersion } from '../core/systemd-version.ts';
import { isServiceName } from '../core/unit-name.ts';
import { findUnitFiles, hasSocketNamed, installedServices, type UnitDirectory } from '../core/unit-search.ts';
import { unitSettings, valueOf } from '../core/unit-settings.ts';
import { AppError } from '../kit/errors.ts';
import { Limit } from '../kit/limit.ts';
import type { Manager } from '../systemd/manager.ts';
import { readFound, unitDirectoriesOf, type ReadUnitFiles } from '../systemd/unit-files.ts';

/** A unit has a handful of files. */
const unitsReadAtOnce = 16;

/** What is on this machine, before anything is said about it. */
export interface Installed {
  readonly units: readonly ReadUnitFiles[];
  readonly systemdVersion: number;
  /** What the rules ask about each of them, once it is known what systemd says of the files, and what the journal tells. */
  subjects(complaints: readonly Complaint[], pasts: ReadonlyMap<string, UnitPast>): readonly LintSubject[];
}

/**
 * The files of these services, or of every one that is installed or loaded, as they are now, which is what the next
 * daemon-reload brings into force; systemd-analyze(1) reads them too. Nothing is loaded for it. Rejects with an
 * AppError where one that was named is not there.
 */
export async function readInstalled(
  manager: Manager,
  names: readonly string[],
  onUnit: () => void,
): Promise<Installed> {
  const [version, defaults, directories, listed] = await Promise.all([
    manager.version(),
    manager.restartDefaults(),
    unitDirectoriesOf(manager),
    manager.listServices(),
  ]);
  const systemdVersion = majorVersion(version) ?? 0;
  const wanted = names.length > 0 ? names : everyService(directories, listed);
  const reading = new Limit(unitsReadAtOnce);
  const read = await Promise.all(
    wanted.map((name) =>
      reading.run(async () => {
        const files = await readFound(findUnitFiles(directories, name));
        onUnit();
        if (names.length > 0) refuseMissing(name, files);
        return files;
      }),
    ),
  );
  // Several names may be one unit's.
  const units = [...new Map(read.map((each) => [each.unit, each])).values()].filter(
    ({ fragment, masked }) => fragment !== undefined && !masked,
  );
  const active = new Set(
    listed.filter(({ activeState }) => activeState === 'active').map(({ unit }) => unit),
  );
  return {
    units,
    systemdVersion,
    subjects: (complaints, pasts) =>
      // What can't be read might say the opposite.
      units
        .filter(({ unread }) => unread.length === 0)
        .map(({ unit, files }) => {
          const settings = unitSettings(files, systemdVersion);
          return {
            unit,
            files,
            settings,
            restart: restartSettingsIn(settings, defaults, systemdVersion),
            defaults,
            complaints,
            hasSocket:
              hasSocketNamed(directories, unit) || valueOf(settings, 'Service', 'Sockets') !== undefined,
            active: active.has(unit),
            past: pasts.get(unit),
          };
        }),
  };
}

function everyService(
  directories: readonly UnitDirectory[],
  listed: readonly { readonly unit: string; readonly loadState: string }[],
): readonly string[] {
  const loaded = listed.filter(({ loadState }) => loadState !== 'not-found').map(({ unit }) => unit);
  return [...new Set([...installedServices(directories), ...loaded])].filter(isServiceName).sort();
}

function refuseMissing(name: string, { fragment, masked }: ReadUnitFiles): void {
  if (fragment !== undefined && !masked) return;
  const found = masked ? 'it is masked' : 'it is not installed';
  throw new AppError(`Cannot lint "${name}": ${found}; expected a service with a unit file`, {
    exitCode: 2,
    hint: 'systemctl list-unit-files --type=service',
  });
}
