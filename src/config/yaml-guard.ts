import { CST, Lexer } from 'yaml';
import { type Problem, problemAt, quote } from './problem.ts';

/** What is left of the YAML that one load may read. Hostile input costs 5 µs a token (Node 20). */
export interface YamlBudget {
  tokens: number;
}

/** A thousand policies with a name, patterns, three rules and calm_after take 117 000; more than this takes 100 MB. */
export const maxYamlTokens = 140_000;

/** The deepest that means anything is 5: a key of a rule of a policy. */
const maxFlowDepth = 16;

/** Of one value: several times the longest command or pattern. A megabyte of one takes 50 MB to compose. */
const maxScalarChars = 65_536;

/** What is refused wherever it stands. */
const refusals: Readonly<Partial<Record<CST.TokenType, (token: string) => string | undefined>>> = {
  alias: (token) => `an unquoted * is a YAML alias: ${quote(token)}; put the whole value in quotes`,
  anchor: (token) => `YAML anchors are refused: ${quote(token)}; put a value that starts with & in quotes`,
  tag: (token) => `YAML tags are refused: ${quote(token)}; put a value that starts with ! in quotes`,
  'directive-line': () => 'YAML directives are refused; remove this line',
  'double-quoted-scalar': unclosedQuote,
  'single-quoted-scalar': unclosedQuote,
};

const closerOf: Readonly<Record<string, string>> = { '[': ']', '{': '}' };

/**
 * Looks at the words of a YAML text before anything is built from them, and names the first thing that the composer
 * must not see (its time and depth grow with anchors, brackets and errors) or that it explains badly.
 */
export function guardYaml(file: string, text: string, budget: YamlBudget): Problem | undefined {
  const open: { bracket: string; offset: number }[] = [];
  let offset = 0;
  let isScalarText = false;
  const at = (place: number, message: string): Problem => problemAt(file, text, place, message);
  const unclosed = (): Problem | undefined => {
    const { bracket, offset: place = 0 } = open.at(-1) ?? {};
    return bracket === undefined ? undefined : at(place, `this "${bracket}" is never closed`);
  };
  for (const token of new Lexer().lex(text)) {
    budget.tokens -= 1;
    if (budget.tokens < 0)
      return at(offset, `too much YAML: expected at most ${maxYamlTokens} words and signs in all files`);
    const type: CST.TokenType | null = isScalarText ? null : CST.tokenType(token);
    isScalarText = type === 'scalar';
    if (token.length > maxScalarChars && isScalar(type))
      return at(offset, `a value of ${token.length} characters; expected at most ${maxScalarChars}`);
    const refusal = type === null ? undefined : refusals[type]?.(token);
    if (refusal !== undefined) return at(offset, refusal);
    if (type === 'flow-map-start' || type === 'flow-seq-start') {
      if (open.length === maxFlowDepth)
        return at(offset, `nested too deeply; expected at most ${maxFlowDepth} levels`);
      open.push({ bracket: token, offset });
    } else if (type === 'flow-map-end' || type === 'flow-seq-end') {
      if (token !== closerOf[open.at(-1)?.bracket ?? '']) return at(offset, `this "${token}" closes nothing`);
      open.pop();
    }
    if (type === 'flow-error-end') return unclosed();
    // these two stand for a change of the lexer's mode, not for text
    if (type !== 'doc-mode' && type !== 'scalar') offset += token.length;
  }
  return unclosed();
}

/** The text after the sign that announces one has no type of its own. */
function isScalar(type: CST.TokenType | null): boolean {
  return type === null || type === 'double-quoted-scalar' || type === 'single-quoted-scalar';
}

function unclosedQuote(token: string): string | undefined {
  return token.length > 1 && token.endsWith(token.charAt(0)) ? undefined : 'this quote is never closed';
}
