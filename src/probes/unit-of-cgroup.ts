import { isUnitName } from '../core/unit-name.ts';

/** `0::/system.slice/web.service/sub`: the last unit on the way; of a user's manager, the unit within it. */
export function unitOfCgroup(text: string): string | undefined {
  const paths = text.split('\n').map((line) => /^\d+:(?:name=systemd)?:(.*)$/.exec(line)?.[1] ?? '');
  const units = paths.flatMap((path) => path.split('/').filter(isUnit));
  return units.at(-1);
}

function isUnit(part: string): boolean {
  return /\.(?:service|scope|socket)$/.test(part) && isUnitName(part);
}
