import { typedService } from '../core/unit-name.ts';
import { AppError } from '../kit/errors.ts';
import { connectBus } from '../systemd/bus.ts';
import { Manager } from '../systemd/manager.ts';
import { isRefusal } from '../systemd/refusal.ts';
import { requireSystemd } from '../systemd/require-systemd.ts';
import { systemdUnreachable } from '../systemd/unreachable.ts';

/** The full name of the service that was typed: `logstash` is logstash.service. Throws an AppError where it is none. */
export function serviceNameOf(text: string): string {
  const typed = typedService(text);
  if (typed.ok) return typed.unit;
  throw cannotShow(text, typed.found, typed.isTemplate ? 'an instance of it' : undefined);
}

/**
 * The names under which systemd knows these units, which may be aliases, installed or loaded. Rejects with an AppError
 * where there is no such unit, or no systemd to ask.
 */
export async function canonicalNames(
  address: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const bus = await connectBus(address).catch((error: unknown) => {
    throw systemdUnreachable(error, address);
  });
  try {
    const manager = new Manager(bus);
    await requireSystemd(manager);
    const known = new Map<string, string>();
    for (const name of names) known.set(name, await canonicalName(manager, name));
    return known;
  } catch (error) {
    throw systemdUnreachable(error, address);
  } finally {
    await bus.close();
  }
}

async function canonicalName(manager: Manager, name: string): Promise<string> {
  const found = await manager.canonicalName(name).catch((error: unknown) => {
    if (!isRefusal(error)) throw error;
    throw cannotShow(name, `systemd says: ${error.message.replace(/\.$/, '')}`);
  });
  if (found !== undefined) return found;
  const expected = 'a service that is installed or loaded';
  throw cannotShow(name, 'systemd knows no such unit', expected, 'systemctl list-unit-files --type=service');
}

function cannotShow(
  text: string,
  found: string,
  expected = 'a service such as "logstash.service"',
  hint = 'systemctl list-units --type=service',
): AppError {
  return new AppError(`Cannot show "${text}": ${found}; expected ${expected}`, { exitCode: 2, hint });
}
