import { readFile, readlink } from 'node:fs/promises';
import { parseMountInfo, mountOf } from './mount-table.ts';

/**
 * From where the machine's files are to be seen. flapd as a hardened service has a mount namespace of its own, in which
 * /tmp and /home are others than the service's; root looks through PID 1's.
 */
export interface View {
  /** Goes before each path. */
  readonly prefix: '' | '/proc/1/root';
  /** What stands between flapd and that path, or undefined where nothing does: `PrivateTmp= of flapd itself`. */
  hides(path: string): string | undefined;
}

export async function ownView(): Promise<View> {
  try {
    const [own, first] = await Promise.all([readlink('/proc/self/ns/mnt'), readlink('/proc/1/ns/mnt')]);
    return { prefix: own === first ? '' : '/proc/1/root', hides: () => undefined };
  } catch {
    // Only who may trace PID 1 may see that (ptrace(2), PTRACE_MODE_READ_FSCREDS).
    const mounts = parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'));
    return {
      prefix: '',
      hides: (path) => {
        const mount = mountOf(mounts, path);
        if (mount === undefined) return undefined;
        if (mount.root.includes('/systemd-private-')) return `its own ${mount.point} (PrivateTmp=)`;
        const isCovered = mount.root.includes('/systemd/inaccessible/') || mount.root.includes('/unit-root');
        const isHome = mount.type === 'tmpfs' && ['/home', '/root', '/run/user'].includes(mount.point);
        return isCovered || isHome ? `a closed ${mount.point} (ProtectHome= or the like)` : undefined;
      },
    };
  }
}
