import type { Manager } from './manager.ts';

/** A Get is 0.4 ms of PID 1's; of a host that has more services the first ones are looked at. */
const mostAsked = 1000;
const atOnce = 16;

/**
 * Services whose files have changed since systemd read them: a reload, whoever asks for it, brings that into force. systemd
 * 252 does not see a drop-in folder that is new.
 */
export async function pendingEdits(
  manager: Pick<Manager, 'listServices' | 'needsReload'>,
): Promise<readonly string[]> {
  const units = (await manager.listServices()).slice(0, mostAsked).map(({ unit }) => unit);
  const pending: string[] = [];
  for (let from = 0; from < units.length; from += atOnce) {
    const some = units.slice(from, from + atOnce);
    const needs = await Promise.all(some.map((unit) => manager.needsReload(unit)));
    pending.push(...some.filter((_, index) => needs[index] === true));
  }
  return pending;
}
