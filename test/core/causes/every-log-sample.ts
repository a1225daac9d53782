import { configError, missingFile, noexec, space } from './file-samples.ts';
import type { LogSample } from './log-sample.ts';
import { addressInUse, dependencyDown } from './network-samples.ts';
import { permissionDenied, shellQuoting } from './rights-samples.ts';

export const everyLogSample: readonly LogSample[] = [
  ...addressInUse,
  ...missingFile,
  ...noexec,
  ...shellQuoting,
  ...permissionDenied,
  ...dependencyDown,
  ...space,
  ...configError,
];
