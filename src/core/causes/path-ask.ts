import type { Evidence } from '../evidence/evidence.ts';
import type { PathAsk } from '../evidence/inquiry.ts';

/** The question what is at that path. */
export function pathAsk(path: string): PathAsk {
  return { path, whom: undefined };
}

/** The question what is at that path, and whether the service's user may go there. */
export function accessAsk({ service }: Evidence, path: string): PathAsk {
  const groups = service === undefined ? [] : [service.group, ...service.supplementaryGroups];
  return {
    path,
    whom: {
      user: service?.user ?? '',
      groups: groups.filter((group) => group !== ''),
      dynamicUser: service?.dynamicUser ?? false,
    },
  };
}
