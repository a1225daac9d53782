import { isRecord } from '../kit/record.ts';
import { nearest } from './nearest.ts';
import { maxProblems, type Problem, quote } from './problem.ts';
import { maxSinks, sinkNamePattern } from './sink-schema.ts';
import type { YamlPath, YamlSource } from './yaml-source.ts';

/** The sinks that a flapd.yaml names, whatever else is wrong with them; none where there is no flapd.yaml. */
export function sinkNamesIn(main: YamlSource | undefined): readonly string[] {
  const sinks = main && isRecord(main.value) ? main.value['sinks'] : undefined;
  return isRecord(sinks) ? Object.keys(sinks) : [];
}

/** Each name under `notify` that is no sink's; not much more than {@link maxProblems}. */
export function notifyProblems(source: YamlSource, sinks: readonly string[]): Problem[] {
  const policies = isRecord(source.value) ? source.value['policies'] : undefined;
  if (!Array.isArray(policies)) return [];
  const known = new Set(sinks);
  const near = sinks.slice(0, maxSinks);
  const problems: Problem[] = [];
  for (const [index, policy] of policies.entries()) {
    for (const [name, path] of namesUnder(policy, ['policies', index, 'notify'])) {
      if (problems.length > maxProblems) return problems;
      if (!known.has(name)) problems.push(unknownSink(source, path, name, near));
    }
  }
  return problems;
}

/** What can be no sink's name is a mistake of its own. */
function namesUnder(policy: unknown, path: YamlPath): (readonly [name: string, path: YamlPath])[] {
  const notify = isRecord(policy) ? policy['notify'] : undefined;
  const named: readonly (readonly [name: unknown, path: YamlPath])[] = Array.isArray(notify)
    ? notify.map((name: unknown, at) => [name, [...path, at]])
    : [[notify, path]];
  return named.flatMap(([name, place]) =>
    typeof name === 'string' && sinkNamePattern.test(name) ? [[name, place] as const] : [],
  );
}

function unknownSink(source: YamlSource, path: YamlPath, name: string, sinks: readonly string[]): Problem {
  const meant = nearest(name, sinks);
  const advice =
    sinks.length === 0
      ? 'flapd.yaml defines none'
      : meant === undefined
        ? `expected ${sinks.map(quote).join(' or ')}`
        : `did you mean ${quote(meant)}?`;
  return source.problemAtValue(path, `unknown sink ${quote(name)}; ${advice}`, {
    id: 'unknown-sink',
    severity: 'error',
    fix: meant === undefined ? 'define it under "sinks:" in flapd.yaml' : `write ${quote(meant)}`,
  });
}
