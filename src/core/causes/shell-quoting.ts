import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion } from '../evidence/inquiry.ts';
import { expandVariables, openQuote } from '../evidence/shell-quotes.ts';
import { absolutePaths } from './path-in.ts';
import type { Matcher } from './suspicion.ts';
import { proofOf, told } from './telling-lines.ts';

/** Bash and ksh, dash, busybox, zsh; the same fault has many voices. */
const pattern =
  /unexpected EOF while looking for matching|Unterminated quoted string|syntax error: unterminated quoted|\bunmatched ["'`]|["'`]['\u2019]? unmatched|unexpected end of file from|syntax error: unexpected end of file|unmatched quote|No closing quotation/i;

const shells = /(?:^|\/)(?:sh|bash|dash|ash|ksh|zsh|busybox)$/;

export const shellQuoting: Matcher = {
  id: 'shell-quoting',
  looksFor: 'a shell says that a quote is never closed',
  match(evidence) {
    if (told(evidence, pattern) === undefined) return undefined;
    const proof = proofOf(evidence, pattern);
    const carrier = carrierOf(evidence);
    if (carrier !== undefined) return { ...carrier, proof: [...proof, ...carrier.proof] };
    const paths = filesToRead(evidence, proof);
    const sentence = 'A quote that is never closed reaches a shell.';
    if (paths.length === 0) return { sentence, proof, state: 'likely' };
    return {
      sentence,
      proof,
      state: 'likely',
      inquiry: { kind: 'text', ask: { paths }, conclude: ({ files }) => conclude(evidence, files) },
    };
  },
};

interface Carrier {
  readonly sentence: string;
  readonly proof: readonly string[];
  readonly state: 'confirmed' | 'likely';
}

/** The command of the unit, or the variable in it, in which a quote stays open. Values are not shown: they may be secret. */
function carrierOf({ service }: Evidence): Carrier | undefined {
  for (const { setting, argv } of service?.commands ?? []) {
    const script = scriptOf(argv);
    if (script === undefined) continue;
    const own = openQuote(script);
    if (own !== undefined) {
      const sentence = `The command of ${setting}= has a ${own} that is never closed, and a shell reads it.`;
      return { sentence, proof: [`${setting}: sh -c with an open ${own}`], state: 'confirmed' };
    }
    const name = carryingVariable(script, service?.environment ?? {});
    if (name !== undefined) {
      const sentence = `The variable ${name} holds a quote that is never closed, and ${setting}= hands it to a shell.`;
      return { sentence, proof: [`Environment=${name} holds an open quote`], state: 'confirmed' };
    }
  }
  return undefined;
}

/** What `sh -c` is given; undefined where no shell is. */
function scriptOf(argv: readonly string[]): string | undefined {
  const [program = '', ...rest] = argv;
  if (!shells.test(program)) return undefined;
  const at = rest.findIndex((option) => /^-[a-z]*c$/.test(option));
  return at === -1 ? undefined : rest[at + 1];
}

/** The variable without which the script's quotes would be closed. */
function carryingVariable(script: string, environment: Readonly<Record<string, string>>): string | undefined {
  if (openQuote(expandVariables(script, environment)) === undefined) return undefined;
  return Object.keys(environment).find((name) => {
    const alone = expandVariables(script, { [name]: environment[name] ?? '' });
    return alone !== script && openQuote(alone) !== undefined;
  });
}

/** Environment files, scripts that the unit runs, and scripts that the shell names. */
function filesToRead({ service }: Evidence, proof: readonly string[]): readonly string[] {
  const run = (service?.commands ?? []).flatMap(({ argv }) =>
    shells.test(argv[0] ?? '') ? argv.slice(1, 3) : argv.slice(0, 1),
  );
  const named = proof.flatMap((line) => absolutePaths(line).slice(0, 1));
  const all = [...(service?.environmentFiles ?? []), ...named, ...run].filter(
    (path) => path.startsWith('/') && !shells.test(path),
  );
  return [...new Set(all)].slice(0, 6);
}

function conclude(
  { service }: Evidence,
  files: readonly { readonly path: string; readonly text: string }[],
): Conclusion {
  for (const { path, text } of files) {
    if (service?.environmentFiles.includes(path) === true) {
      const name = openVariable(text);
      if (name === undefined) continue;
      const sentence = `The variable ${name} in ${path} holds a quote that is never closed, and a shell reads it.`;
      return { state: 'confirmed', sentence, seen: [`seen now: ${path} sets ${name} with an open quote`] };
    }
    const quote = /^#!.*sh\b/.test(text) ? openQuote(text) : undefined;
    if (quote !== undefined)
      return {
        state: 'confirmed',
        sentence: `The script ${path} has a ${quote} that is never closed.`,
        seen: [`seen now: ${path} has an open ${quote}`],
      };
  }
  return {
    state: 'likely',
    sentence:
      'A quote that is never closed reaches a shell; neither the unit, its environment files nor its scripts show which.',
    seen: [],
  };
}

/** The first variable of an environment file whose value, as systemd hands it on, has a quote that stays open. */
function openVariable(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export )?([A-Za-z_]\w*)=(.*)$/.exec(line);
    if (match === null) continue;
    const value = (match[2] ?? '').trim();
    const outer = /^(["'])(.*)\1$/.exec(value)?.[2];
    if (openQuote(outer ?? value) !== undefined) return match[1];
  }
  return undefined;
}
