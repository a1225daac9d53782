import { parseArgs, type ParseArgsConfig } from 'node:util';
import { AppError, coerceError } from '../kit/errors.ts';
import { helpOption, verbs, type Verb } from './verbs.ts';

/** What was typed: a verb with its own options, and what is left over. Flags have no defaults here. */
export interface Typed {
  readonly verb: Verb;
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly operands: readonly string[];
}

export type Parsed =
  | { readonly kind: 'verb'; readonly typed: Typed }
  | { readonly kind: 'help'; readonly verb: Verb | undefined }
  | { readonly kind: 'version' };

/** Argv without node and script. Throws an AppError with exit code 2 that names what was typed and what would do. */
export function parseArgv(argv: readonly string[]): Parsed {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help', verb: undefined };
  if (first === 'help') return { kind: 'help', verb: rest[0] === undefined ? undefined : verbNamed(rest[0]) };
  if (first === '--version') return { kind: 'version' };
  const verb = verbNamed(first);
  const typed = parseVerb(verb, rest);
  return typed.flags['help'] === true ? { kind: 'help', verb } : { kind: 'verb', typed };
}

function verbNamed(name: string): Verb {
  const verb = verbs.find((each) => each.name === name);
  if (verb !== undefined) return verb;
  const known = verbs.map((each) => each.name).join(', ');
  const message = name.startsWith('-')
    ? `Cannot use option "${name}" without a command: options come after it; expected one of ${known} first`
    : `Cannot run "${name}": there is no such command; expected one of ${known}`;
  throw usage(message, 'flapd --help');
}

function parseVerb(verb: Verb, argv: readonly string[]): Typed {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const { name, short, value } of [...verb.options, helpOption])
    options[name] = {
      type: value === undefined ? 'boolean' : 'string',
      ...(short !== undefined && { short }),
    };
  const help = `flapd ${verb.name} --help`;
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw usage(complaint(verb, error), help);
  }
  if (verb.operands === undefined && parsed.positionals.length > 0) {
    throw usage(
      `Cannot run "flapd ${verb.name} ${parsed.positionals[0]}": ${verb.name} takes no argument; expected options only`,
      help,
    );
  }
  return { verb, flags: singleValues(parsed.values), operands: parsed.positionals };
}

/** No option may be given more than once to mean more: the last one counts. */
function singleValues(values: Readonly<Record<string, unknown>>): Typed['flags'] {
  const flags: Record<string, string | boolean> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string' || typeof value === 'boolean') flags[name] = value;
  }
  return flags;
}

/** parseArgs says what is wrong in several sentences; the option's name and which of three faults it is are needed. */
function complaint(verb: Verb, error: unknown): string {
  const { message } = coerceError(error);
  const option = /'(?:-\w, )?(-[^' ]*)/.exec(message)?.[1] ?? '';
  const cannot = `Cannot use option "${option}" with "flapd ${verb.name}"`;
  if (error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const known = verb.options.map((each) => `--${each.name}`).join(', ');
    return `${cannot}: it is unknown; expected one of ${known}`;
  }
  const wants = verb.options.find((each) => option === `--${each.name}`)?.value;
  if (wants === undefined) return `${cannot}: it takes no value; expected ${option} alone`;
  const found = message.includes('ambiguous') ? 'another option follows it' : 'its value is missing';
  return `${cannot}: ${found}; expected ${option} ${wants}`;
}

function usage(message: string, hint: string): AppError {
  return new AppError(message, { exitCode: 2, hint });
}
