import type { Policy } from '../core/policy.ts';
import { isRecord } from '../kit/record.ts';
import type { Problem, ProblemKind } from './problem.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** A policy and where it was written. */
export interface PlacedPolicy {
  readonly policy: Policy;
  readonly source: YamlSource;
  /** Its place in the file's list. */
  readonly index: number;
}

export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A problem of a value of the policy, or where that was left out, of the policy. */
export function problemIn(
  { source, index }: PlacedPolicy,
  path: YamlPath,
  message: string,
  kind: ProblemKind,
): Problem {
  return source.problemAtValue(['policies', index, ...path], message, kind);
}

/** Where a value of the policy was written; undefined where it was left out. */
export function placeOf({ source, index }: PlacedPolicy, path: YamlPath): Place | undefined {
  const full = ['policies', index, ...path];
  if (!isWritten(source.value, full)) return undefined;
  const { file, line } = source.problemAtKey(full, '');
  return { file, line };
}

function isWritten(value: unknown, path: YamlPath): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return true;
  if (Array.isArray(value)) return isWritten(value[Number(step)], rest);
  return isRecord(value) && Object.hasOwn(value, step) && isWritten(value[step], rest);
}
