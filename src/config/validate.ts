import * as v from 'valibot';
import { nearest } from './nearest.ts';
import { masked, maxProblems, type Problem, quote } from './problem.ts';
import { findStrays, type Stray } from './strays.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

export type Validation<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problems: readonly Problem[] };

interface Mistake {
  readonly path: YamlPath;
  readonly issue: v.BaseIssue<unknown>;
}

/** What the schema makes of the file, or everything that it refuses, each where it stands. */
export function validate<Schema extends v.GenericSchema>(
  schema: Schema,
  source: YamlSource,
): Validation<v.InferOutput<Schema>> {
  const value: unknown = source.value ?? Object.create(null);
  const strays = findStrays(schema, value).slice(0, maxProblems + 1);
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success && strays.length === 0) return { ok: true, value: result.output };
  const mistakes = (result.issues ?? [])
    .flatMap((issue) => innermost(issue))
    .filter(notExplainedBy(strays))
    .slice(0, maxProblems + 1);
  return {
    ok: false,
    problems: [
      ...strays.map((stray) => strayProblem(source, stray)),
      ...mistakes.map((mistake) => mistakeProblem(source, mistake)),
    ],
  };
}

/** Leaves what no stray explains: a misspelt key is not missing as well, and a list has no keys to miss. */
function notExplainedBy(strays: readonly Stray[]): (mistake: Mistake) => boolean {
  const lists = new Set<string>();
  const meant = new Set<string>();
  for (const stray of strays) {
    if (stray.kind === 'list-for-mapping') lists.add(JSON.stringify(stray.path));
    else if (stray.kind === 'unknown-key')
      meant.add(JSON.stringify([...stray.path.slice(0, -1), nearest(stray.key, stray.known)]));
  }
  return ({ path, issue }) => {
    if (isUnknownKey(issue)) return false;
    if (isMissingKey(issue) && meant.has(JSON.stringify(path))) return false;
    return lists.size === 0 || !path.some((_, depth) => lists.has(JSON.stringify(path.slice(0, depth))));
  };
}

/** A union reports itself; what is wrong inside the member that was meant is in its own issues, deeper down. */
function innermost(issue: v.BaseIssue<unknown>, above: YamlPath = []): Mistake[] {
  const steps = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)));
  const path = [...above, ...steps];
  const deeper = (issue.issues ?? []).filter((inner) => inner.path !== undefined);
  return deeper.length === 0 ? [{ path, issue }] : deeper.flatMap((inner) => innermost(inner, path));
}

/** valibot's own word for it; `findStrays` finds all of them. */
function isUnknownKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.type === 'strict_object' && issue.expected === 'never';
}

/** A variant without the key that tells its kind has not looked at the others. */
function isMissingKey(issue: v.BaseIssue<unknown>): boolean {
  if (issue.type === 'variant') return issue.path !== undefined && issue.input === undefined;
  return issue.type === 'strict_object' && isOfKey(issue);
}

function isOfKey(issue: v.BaseIssue<unknown>): boolean {
  return issue.path?.at(-1)?.origin === 'key';
}

function strayProblem(source: YamlSource, stray: Stray): Problem {
  if (stray.kind === 'list-for-mapping') return valueProblem(source, stray.path, stray.value, stray.message);
  if (stray.kind === 'reserved-key')
    return source.problemAtKey(stray.path, `${quote(stray.key)} can't be a name here; expected another`);
  const meant = nearest(stray.key, stray.known);
  const advice =
    meant === undefined ? `expected ${stray.known.map(quote).join(' or ')}` : `did you mean ${quote(meant)}?`;
  return source.problemAtKey(stray.path, `unknown key ${quote(stray.key)}; ${advice}`, {
    id: 'unknown-key',
    severity: 'error',
    fix: meant === undefined ? 'remove it' : `write ${quote(meant)}`,
  });
}

function mistakeProblem(source: YamlSource, { path, issue }: Mistake): Problem {
  if (isMissingKey(issue)) {
    return source.problemAtValue(
      path.slice(0, -1),
      `missing key ${quote(String(path.at(-1)))}${issue.message}`,
      { id: 'missing-key', severity: 'error' },
    );
  }
  if (isOfKey(issue))
    return source.problemAtKey(path, `the key ${quote(String(path.at(-1)))}${issue.message}`);
  return valueProblem(source, path, issue.input, `${issue.message}${adviceOf(issue)}`);
}

/** A check of ours that knows every word that would do has them in `expected`: too many to compare each value with. */
function adviceOf({ type, input, expected }: v.BaseIssue<unknown>): string {
  if (type !== 'raw_check' || typeof input !== 'string' || expected === null) return '';
  const meant = nearest(input, expected.split(' '));
  return meant === undefined || meant.toUpperCase() === input.toUpperCase()
    ? ''
    : `; did you mean ${quote(meant)}?`;
}

function valueProblem(source: YamlSource, path: YamlPath, value: unknown, message: string): Problem {
  return source.problemAtValue(path, `${subject(path)} is ${show(value)}${message}`);
}

function subject(path: YamlPath): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (typeof last === 'string') return quote(last);
  return `an entry of ${quote(String(path.findLast((step) => typeof step === 'string')))}`;
}

function show(value: unknown): string {
  if (value === null) return 'empty';
  if (typeof value === 'string') return quote(masked(value));
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
