import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killed, switchedOff } from './apply-switch.ts';
import { applyFolder, readLedger, writeLedger } from './remedy-ledger-file.ts';
import { type Lock, takeLock } from './apply-lock.ts';
import { majorVersion } from '../core/systemd/systemd-version.ts';
import { withEntry } from '../core/remedy/remedy-ledger.ts';
import { AppError, coerceError } from '../kit/errors.ts';
import { paceReload } from './reload-pace.ts';
import { silenceOf } from './reload-systemd.ts';
import type { RemedyRoom } from './remedy-room.ts';
import { connectBus } from '../systemd/bus.ts';
import { DropInFiles } from '../systemd/drop-in-files.ts';
import { Manager } from '../systemd/manager.ts';
import { requireSystemd } from '../systemd/require-systemd.ts';
import { readUnitFiles } from '../systemd/unit-files.ts';
import { systemdUnreachable } from '../systemd/unreachable.ts';
import { verifyDropIn } from '../systemd/verify-drop-in.ts';
import { loadTrustedConfig } from './trusted-config.ts';
import { version } from '../kit/version.ts';

export interface RoomOptions extends Pick<
  RemedyRoom,
  'by' | 'dryRun' | 'say' | 'nowWallMs' | 'nowMonotonicMs'
> {
  readonly configDir: string;
  readonly busAddress: string;
  readonly pid: number;
  /** `revert`: a person who takes back is not held up by what stops flapd from writing, nor by a mistake in the policies. */
  readonly wants: 'apply' | 'revert';
}

const root = 0;

/**
 * Does the work with everything that it needs: alone on this host, by policies that only root can have written, with
 * systemd on the other end. Rejects with an AppError, and nothing done, where one of them is not to be had.
 */
export async function inRemedyRoom<T>(
  options: RoomOptions,
  work: (room: RemedyRoom) => Promise<T>,
): Promise<T> {
  const { by, wants } = options;
  const configDir = path.resolve(options.configDir);
  const overridesBrake = by === 'hand' && wants === 'revert';
  const stopped = overridesBrake ? undefined : killed(configDir);
  if (stopped !== undefined) throw cannot(wants, stopped.reason, stopped.hint);
  const trusted = await loadTrustedConfig(configDir, root);
  if (!trusted.ok && wants === 'apply') throw cannot(wants, trusted.reason, trusted.hint);
  const config = trusted.ok ? trusted.config : undefined;
  const lock = options.dryRun ? undefined : locked(options);
  try {
    const bus = await connectBus(options.busAddress).catch((error: unknown) => {
      throw systemdUnreachable(error, options.busAddress);
    });
    try {
      const manager = new Manager(bus);
      await requireSystemd(manager);
      const silence = await silenceOf({ manager, say: options.say });
      if (silence !== undefined) throw cannot(wants, silence, 'systemctl is-system-running');
      return await work({
        ...options,
        manager,
        systemdVersion: majorVersion(await manager.version()) ?? 0,
        files: new DropInFiles(),
        policies: config?.policies ?? [],
        switchedOff: () => (config === undefined ? undefined : switchedOff(configDir, config)),
        ledger: {
          read: () => entries(options),
          add: (entry) => writeLedger(applyFolder, withEntry(entries(options), entry)),
        },
        // Of a unit that is not loaded there is nothing to override.
        unitFiles: async (unit) => (await readUnitFiles(manager, unit, [])).files,
        pace: () => paceReload(applyFolder, by, options.nowWallMs()),
        wait: (ms) => sleep(ms),
        verify: (unit, dropIn) => verifyDropIn(scratchOf(options), unit, dropIn),
        flapdVersion: version,
      });
    } catch (error) {
      throw systemdUnreachable(error, options.busAddress);
    } finally {
      await bus.close();
    }
  } finally {
    lock?.release();
  }
}

/** Who has the lock has a folder for it. A dry run, which may be anybody's, finds one of its own. */
function scratchOf({ dryRun, pid }: RoomOptions): string {
  return dryRun
    ? path.join(tmpdir(), `flapd-verify-${pid}-${randomUUID()}`)
    : path.join(applyFolder, 'verify');
}

function locked({ pid, wants }: RoomOptions): Extract<Lock, { ok: true }> {
  let lock;
  try {
    lock = takeLock(applyFolder, pid);
  } catch (error) {
    throw cannot(
      wants,
      `${applyFolder} can't be used: ${coerceError(error).message}`,
      `ls -ld ${applyFolder}`,
    );
  }
  if (lock.ok) return lock;
  throw cannot(
    wants,
    `process ${lock.by} is at it already, and one at a time changes units`,
    `ps -fp ${lock.by}`,
  );
}

function entries({ by, wants }: RoomOptions): ReturnType<RemedyRoom['ledger']['read']> {
  const ledger = readLedger(applyFolder);
  if (ledger.ok) return ledger.entries;
  // A person is not held back by what was done lately, so need not know it either.
  if (by === 'hand') return [];
  throw cannot(wants, ledger.found, `rm ${applyFolder}/ledger.json`);
}

function cannot(wants: 'apply' | 'revert', found: string, hint: string | undefined): AppError {
  return new AppError(`Cannot ${wants} a remedy: ${found}`, {
    exitCode: 1,
    ...(hint === undefined ? {} : { hint }),
  });
}
