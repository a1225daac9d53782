import { isMap, isScalar, isSeq, type ParsedNode, parseDocument, type YAMLError } from 'yaml';
import { maxProblems, type Problem, problemAt, type ProblemKind, quote } from './problem.ts';
import { guardYaml, type YamlBudget } from './yaml-guard.ts';

/** Keys and indexes from the top of the file down. */
export type YamlPath = readonly (string | number)[];

/** The content of one YAML file, and where each piece of it stands. */
export interface YamlSource {
  readonly file: string;
  /** Null where the file is empty; objects have no prototype, so that `__proto__` is a key like any other. */
  readonly value: unknown;
  /** Of the value; for a key without one, of the key; for a path that leads nowhere, of what comes nearest. */
  readonly problemAtValue: (path: YamlPath, message: string, kind?: ProblemKind) => Problem;
  readonly problemAtKey: (path: YamlPath, message: string, kind?: ProblemKind) => Problem;
}

export interface YamlReading {
  /** Absent where the file is no YAML. */
  readonly source?: YamlSource;
  readonly problems: readonly Problem[];
}

/** Block YAML has no brackets to count; the deepest that means anything is 5. */
const maxDepth = 16;

/** The composer's words are for programmers; the ones that people meet. */
const syntaxMessages: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  BAD_SCALAR_START: 'a value starts with a reserved character; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a value holds ": ", or the next line is indented too far',
  MULTIPLE_DOCS: 'a second document starts here; expected one for each file',
  NON_STRING_KEY: 'a key that is a list or mapping',
  RESOURCE_EXHAUSTION: 'nested too deeply',
};

export function readYaml(file: string, text: string, budget: YamlBudget): YamlReading {
  const refused = guardYaml(file, text, budget);
  if (refused) return { problems: [refused] };
  const document = parseDocument(text, {
    logLevel: 'error',
    prettyErrors: false,
    resolveKnownTags: false,
    stringKeys: true,
    // the composer's own check is quadratic; `Reader` has a linear one
    uniqueKeys: false,
    version: '1.2',
  });
  if (document.errors.length > 0) return { problems: syntaxProblems(file, text, document.errors) };
  const reader = new Reader(file, text);
  const value = reader.read(document.contents, 0);
  return { source: new NodeSource(file, text, document.contents, value), problems: reader.problems };
}

/** One for each line: the errors after a line's first come of it. */
function syntaxProblems(file: string, text: string, errors: readonly YAMLError[]): Problem[] {
  const problems = new Map<number, Problem>();
  for (const { code, message, pos } of errors.slice(0, maxProblems + 1)) {
    const problem = problemAt(file, text, pos[0], `not valid YAML: ${syntaxMessage(code, message)}`);
    if (!problems.has(problem.line)) problems.set(problem.line, problem);
  }
  return [...problems.values()];
}

function syntaxMessage(code: YAMLError['code'], message: string): string {
  if (message.endsWith('at node end')) return 'text after the end of a value; put the whole value in quotes';
  return syntaxMessages[code] ?? message;
}

/** Nodes to plain values. */
class Reader {
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #text: string;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  read(node: ParsedNode | null, depth: number): unknown {
    if (isScalar(node)) return node.value;
    if (node === null || (!isMap(node) && !isSeq(node))) return null;
    if (depth === maxDepth) {
      this.#refuse(node.range[0], `nested too deeply; expected at most ${maxDepth} levels`);
      return null;
    }
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    const offsets = new Map<string, number>();
    const mapping: Record<string, unknown> = Object.create(null);
    for (const { key, value } of node.items) {
      const name = keyText(key);
      const first = offsets.get(name);
      if (first === undefined) {
        offsets.set(name, key.range[0]);
        mapping[name] = this.read(value, depth + 1);
      } else {
        this.#refuse(key.range[0], `duplicate key ${quote(name)}; first used at ${this.#place(first)}`);
      }
    }
    return mapping;
  }

  #place(offset: number): string {
    const { line, column } = problemAt(this.#file, this.#text, offset, '');
    return `${line}:${column}`;
  }

  #refuse(offset: number, message: string): void {
    if (this.problems.length <= maxProblems)
      this.problems.push(problemAt(this.#file, this.#text, offset, message));
  }
}

class NodeSource implements YamlSource {
  readonly file: string;
  readonly value: unknown;
  readonly #text: string;
  readonly #root: ParsedNode | null;

  constructor(file: string, text: string, root: ParsedNode | null, value: unknown) {
    this.file = file;
    this.value = value;
    this.#text = text;
    this.#root = root;
  }

  readonly problemAtValue = (path: YamlPath, message: string, kind?: ProblemKind): Problem =>
    problemAt(this.file, this.#text, this.#find(path).value, message, kind);

  readonly problemAtKey = (path: YamlPath, message: string, kind?: ProblemKind): Problem =>
    problemAt(this.file, this.#text, this.#find(path).key, message, kind);

  #find(path: YamlPath): { key: number; value: number } {
    let node = this.#root;
    let place = { key: startOf(node) ?? 0, value: startOf(node) ?? 0 };
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => keyText(key) === step);
        if (!pair) return place;
        node = pair.value;
        place = { key: pair.key.range[0], value: startOf(node) ?? pair.key.range[0] };
      } else {
        node = isSeq(node) ? (node.items[Number(step)] ?? null) : null;
        place = { key: startOf(node) ?? place.key, value: startOf(node) ?? place.value };
      }
    }
    return place;
  }
}

/** Undefined where the node is empty: a key without a value. */
function startOf(node: ParsedNode | null): number | undefined {
  return node === null || node.range[0] === node.range[1] ? undefined : node.range[0];
}

/** With `stringKeys` every key is a string scalar. */
function keyText(key: ParsedNode): string {
  return isScalar(key) ? String(key.value) : '';
}
