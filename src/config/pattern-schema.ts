import * as v from 'valibot';
import { patternProblem } from '../core/unit-pattern.ts';

const maxPatterns = 256;
const patternWanted = '; expected a service name or a pattern such as "web@*"';
const matchWanted = `; expected a service name or pattern, or a list of 1 to ${maxPatterns} of them`;

/** Ends of names of other units than services. */
const otherTypes = '\\.(?:mount|swap|socket|target|device|automount|timer|path|slice|scope)$';

/** The signs of a pattern, each a character, `*`, `?` or a set; what is in a set stays unsaid. */
export const unitPatternPattern = `^(?!.*${otherTypes})(?:[\\w:.\\\\@*?\\-]|\\[[!^]?\\]?(?:\\[:[a-z]+:\\]|[^\\]])*\\])+$`;

const pattern = v.pipe(
  v.string(patternWanted),
  v.metadata({ title: 'service name or pattern', pattern: unitPatternPattern, maxLength: 1020 }),
  v.rawCheck(({ dataset, addIssue }) => {
    const found = dataset.typed ? patternProblem(dataset.value) : undefined;
    if (found !== undefined) addIssue({ message: `: ${found}${patternWanted}` });
  }),
);

export const match = v.pipe(
  v.union(
    [pattern, v.pipe(v.array(pattern), v.minLength(1, matchWanted), v.maxLength(maxPatterns, matchWanted))],
    matchWanted,
  ),
  v.transform((patterns) => (typeof patterns === 'string' ? [patterns] : patterns)),
  v.metadata({
    title: `service name or pattern, or a list of 1 to ${maxPatterns} of them`,
    description:
      'The units it is for: names or patterns as systemctl takes them; .service may be left out. The first policy that fits a unit is its policy.',
    default: '*',
  }),
);
