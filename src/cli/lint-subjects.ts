import { restartSettingsIn, type ManagerDefaults } from '../core/systemd/file-restart-settings.ts';
import type { Complaint, LintSubject } from '../core/lint/subject.ts';
import type { UnitPast } from '../core/lint/unit-past.ts';
import { majorVersion } from '../core/systemd/systemd-version.ts';
import { isServiceName } from '../core/unit-name.ts';
import {
  findUnitFiles,
  hasSocketNamed,
  installedServices,
  type UnitDirectory,
} from '../core/systemd/unit-search.ts';
import { unitSettings, valueOf } from '../core/systemd/unit-settings.ts';
import { AppError } from '../kit/errors.ts';
import { Limit } from '../kit/limit.ts';
import type { ListedUnit, Manager } from '../systemd/manager.ts';
import { isRefusal } from '../systemd/refusal.ts';
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
  { nowMs, onUnit }: { readonly nowMs: number; readonly onUnit: () => void },
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
  const readOne = async (name: string): Promise<ReadUnitFiles> => {
    const files = await readFound(findUnitFiles(directories, name));
    onUnit();
    if (names.length > 0) refuseMissing(name, files);
    return files;
  };
  const read = await Promise.all(wanted.map((name) => reading.run(() => readOne(name))));
  // Several names may be one unit's.
  const units = [...new Map(read.map((each) => [each.unit, each])).values()].filter(
    ({ fragment, masked }) => fragment !== undefined && !masked,
  );
  const starts = await startsOf(manager, listed);
  const active = listed.filter(({ activeState }) => activeState === 'active').map(({ unit }) => unit);
  const known: Known = { systemdVersion, defaults, directories, active: new Set(active), starts, nowMs };
  return {
    units,
    systemdVersion,
    subjects: (complaints, pasts) =>
      // What can't be read might say the opposite.
      units
        .filter(({ unread }) => unread.length === 0)
        .map((each) => ({ ...subjectOf(each, known), complaints, past: pasts.get(each.unit) })),
  };
}

/** What is the same for all of them, or of which only some have any. */
interface Known {
  readonly systemdVersion: number;
  readonly defaults: ManagerDefaults;
  readonly directories: readonly UnitDirectory[];
  readonly active: ReadonlySet<string>;
  /** Of those that are starting: since when, on the monotonic clock. */
  readonly starts: ReadonlyMap<string, number>;
  readonly nowMs: number;
}

function subjectOf({ unit, files }: ReadUnitFiles, known: Known): Omit<LintSubject, 'complaints' | 'past'> {
  const { systemdVersion, defaults, directories, active, starts, nowMs } = known;
  const settings = unitSettings(files, systemdVersion);
  const startMs = starts.get(unit);
  return {
    unit,
    files,
    settings,
    restart: restartSettingsIn(settings, defaults, systemdVersion),
    hasSocket: hasSocketNamed(directories, unit) || valueOf(settings, 'Service', 'Sockets') !== undefined,
    active: active.has(unit),
    startingForMs: startMs === undefined ? undefined : nowMs - startMs,
  };
}

/** Of those that are starting with a main process: since when, on the monotonic clock. */
async function startsOf(
  manager: Manager,
  listed: readonly ListedUnit[],
): Promise<ReadonlyMap<string, number>> {
  const starting = listed.filter(
    ({ activeState, subState }) => activeState === 'activating' && subState === 'start',
  );
  const starts = new Map<string, number>();
  for (const { unit } of starting.slice(0, mostStarting)) {
    // It may be gone by now.
    const startMs = await manager.mainStartMs(unit).catch((error: unknown) => {
      if (isRefusal(error)) return 0;
      throw error;
    });
    if (startMs > 0) starts.set(unit, startMs);
  }
  return starts;
}

/** More are never starting at once but at boot, when nobody waits for a lint. */
const mostStarting = 100;

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
