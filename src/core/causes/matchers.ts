import { addressInUse } from './address-in-use.ts';
import { badExecutable } from './bad-executable.ts';
import { configError } from './config-error.ts';
import { coreDumped } from './core-dumped.ts';
import { dependencyDown } from './dependency-down.ts';
import { diskFull } from './disk-full.ts';
import { fdLimit } from './fd-limit.ts';
import { missingDirectory } from './missing-directory.ts';
import { missingFile } from './missing-file.ts';
import { missingUser } from './missing-user.ts';
import { noexecMount } from './noexec-mount.ts';
import { oomKilled } from './oom-killed.ts';
import { permissionDenied } from './permission-denied.ts';
import { shellQuoting } from './shell-quoting.ts';
import { startTimeout } from './start-timeout.ts';
import type { Matcher } from './suspicion.ts';
import { watchdogTimeout } from './watchdog-timeout.ts';

/** Every built-in cause; of those that are equally sure, the earlier one is named first. */
export const matchers: readonly Matcher[] = [
  oomKilled,
  watchdogTimeout,
  missingUser,
  missingDirectory,
  noexecMount,
  badExecutable,
  shellQuoting,
  addressInUse,
  diskFull,
  fdLimit,
  dependencyDown,
  missingFile,
  permissionDenied,
  startTimeout,
  configError,
  coreDumped,
];
