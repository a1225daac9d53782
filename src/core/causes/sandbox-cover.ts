import type { Sandbox } from '../evidence/evidence.ts';

/** Whether `path` is `folder` or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  const clean = folder.replace(/^[-+]+/, '').replace(/(?!^)\/+$/, '');
  return clean === '/' || path === clean || path.startsWith(`${clean}/`);
}

/** The setting by which the service sees something else at that path than everybody else; undefined where none does. */
export function coveringSetting(sandbox: Sandbox | undefined, path: string): string | undefined {
  if (sandbox === undefined) return undefined;
  const { privateTmp, protectHome, inaccessiblePaths, temporaryFileSystem } = sandbox;
  if (privateTmp && ['/tmp', '/var/tmp'].some((folder) => isBelow(path, folder))) return 'PrivateTmp=yes';
  const isHome = ['/home', '/root', '/run/user'].some((folder) => isBelow(path, folder));
  if (isHome && (protectHome === 'yes' || protectHome === 'tmpfs')) return `ProtectHome=${protectHome}`;
  const hidden = inaccessiblePaths.find((folder) => isBelow(path, folder));
  if (hidden !== undefined) return `InaccessiblePaths=${hidden}`;
  const fresh = temporaryFileSystem.find((folder) => isBelow(path, folder));
  return fresh === undefined ? undefined : `TemporaryFileSystem=${fresh}`;
}

/** What ProtectSystem= makes read-only (systemd.exec(5)); `strict` all but the kernel's own file systems. */
const protectedBy: Readonly<Record<string, readonly string[]>> = {
  yes: ['/usr', '/boot', '/efi'],
  full: ['/usr', '/boot', '/efi', '/etc'],
  strict: ['/'],
};

/** The setting by which the service may not write there; undefined where none forbids it. */
export function readOnlySetting(sandbox: Sandbox | undefined, path: string): string | undefined {
  if (sandbox === undefined) return undefined;
  const { protectSystem, protectHome, readOnlyPaths, readWritePaths } = sandbox;
  if (readWritePaths.some((folder) => isBelow(path, folder))) return undefined;
  const listed = readOnlyPaths.find((folder) => isBelow(path, folder));
  if (listed !== undefined) return `ReadOnlyPaths=${listed}`;
  const isHome = ['/home', '/root', '/run/user'].some((folder) => isBelow(path, folder));
  if (isHome && protectHome === 'read-only') return 'ProtectHome=read-only';
  if (['/dev', '/proc', '/sys'].some((folder) => isBelow(path, folder))) return undefined;
  return protectedBy[protectSystem]?.some((folder) => isBelow(path, folder)) === true
    ? `ProtectSystem=${protectSystem}`
    : undefined;
}
