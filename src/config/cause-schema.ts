import * as v from 'valibot';
import { causeIds } from '../core/causes/suspicion.ts';
import { match } from './pattern-schema.ts';
import { webUrlFault } from './sink-url.ts';

export const maxCauses = 200;
const maxPatternChars = 500;
const maxTextChars = 500;

const nameWanted = '; expected a word of a-z, 0-9 and hyphens, such as licence-expired';
const patternWanted = '; expected an expression as RE2 reads it (github.com/google/re2/wiki/Syntax)';
const textWanted = `; expected text of 1 to ${maxTextChars} characters on one line`;
const urlWanted = '; expected a URL such as https://wiki.example.org/runbooks/licence';

/** Why an expression will not do; undefined where it does. */
export type PatternProblem = (pattern: string) => string | undefined;

const line = v.pipe(
  v.string(textWanted),
  v.regex(/^(?! )[^\p{C}\p{Zl}\p{Zp}]+(?<! )$/u, textWanted),
  v.maxLength(maxTextChars, textWanted),
);

/** What causes.d/*.yaml hold. The expressions are read by an engine that is loaded where there are any. */
export function causesFile(patternProblem: PatternProblem) {
  const cause = v.strictObject(
    {
      name: v.pipe(
        v.string(nameWanted),
        v.regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/u, nameWanted),
        v.metadata({
          title: 'word',
          description: 'Unique, and none that flapd has itself; stands in incidents as the id of the cause.',
        }),
      ),
      pattern: v.pipe(
        v.string(patternWanted),
        v.maxLength(maxPatternChars, `; expected at most ${maxPatternChars} characters`),
        v.metadata({
          title: 'regular expression (RE2)',
          description:
            'What a line of the log holds, anywhere in it; `(?i)` in front for letters of either case.',
        }),
        v.rawCheck(({ dataset, addIssue }) => {
          const found = dataset.typed ? patternProblem(dataset.value) : undefined;
          if (found !== undefined) addIssue({ message: `: ${found}${patternWanted}` });
        }),
      ),
      match: v.exactOptional(v.pipe(match, v.description('The services it is for.'))),
      title: v.pipe(
        line,
        v.metadata({ title: 'text on one line', description: 'What it means, in a sentence.' }),
      ),
      hint: v.exactOptional(
        v.pipe(line, v.metadata({ title: 'text on one line', description: 'What to do about it.' })),
      ),
      runbook: v.exactOptional(
        v.pipe(
          v.string(urlWanted),
          v.maxLength(maxTextChars, urlWanted),
          v.metadata({ title: 'http or https URL', description: 'Where more stands.' }),
          v.rawCheck(({ dataset, addIssue }) => {
            const found = dataset.typed ? webUrlFault(dataset.value) : undefined;
            if (found !== undefined) addIssue({ message: `${found}${urlWanted}` });
          }),
        ),
      ),
    },
    '; expected a cause such as { name: licence-expired, pattern: "licen[cs]e .* expired", title: The licence has expired }',
  );
  return v.strictObject(
    {
      causes: v.exactOptional(
        v.pipe(
          v.array(cause, '; expected a list of causes'),
          v.metadata({ title: 'list of causes', maxItems: maxCauses }),
        ),
      ),
    },
    '; expected the key "causes"',
  );
}

export type CausesFile = v.InferOutput<ReturnType<typeof causesFile>>;

/** Names that flapd uses itself. */
export const ownCauseNames: ReadonlySet<string> = new Set(causeIds);
