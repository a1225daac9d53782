import type { Evidence } from '../evidence.ts';
import type { PathAsk } from '../inquiry.ts';

/** The question what is at that path for the service's user. */
export function pathAsk({ service }: Evidence, path: string): PathAsk {
  const groups = service === undefined ? [] : [service.group, ...service.supplementaryGroups];
  return {
    path,
    user: service?.user ?? '',
    groups: groups.filter((group) => group !== ''),
    dynamicUser: service?.dynamicUser ?? false,
  };
}
