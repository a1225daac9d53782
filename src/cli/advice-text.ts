import type { Advice } from '../core/advice/advice.ts';
import { compareText } from '../core/compare-text.ts';
import { presentAdvice } from '../core/advice/present-advice.ts';
import type { Instant } from '../core/instant.ts';
import type { DirectiveView } from '../core/view.ts';
import { shellWord } from '../kit/shell-word.ts';

export interface AdviceText {
  readonly color: boolean;
  readonly user: boolean;
  /** Services were named: else none means that all is well. */
  readonly named: boolean;
  /** It is about to be applied: nobody needs to be told how. */
  readonly applying?: true;
}

/** Read where flapd's own would be: what comes later was looked at for that place. */
const fileByHand = '90-restarts.conf';

/** The version that brought `systemctl edit --stdin`. */
const editsStdinSince = 256;

/** A block per service: what to change from what to what, why, what it would have saved, and how to do it. */
export function renderAdvice(
  advices: readonly Advice[],
  now: Instant,
  { color, user, named, applying }: AdviceText,
): string {
  if (advices.length === 0)
    return named ? '' : 'No service loops or is about to: there is nothing to advise.\n';
  return advices
    .map((advice) => `${block(advice, now, { color, user, applying: applying === true }).join('\n')}\n`)
    .join('\n');
}

function block(
  advice: Advice,
  now: Instant,
  { color, user, applying }: { readonly color: boolean; readonly user: boolean; readonly applying: boolean },
): readonly string[] {
  const { unit, none, notes, basis, directives, counterfactual } = {
    none: undefined,
    counterfactual: undefined,
    ...presentAdvice(advice, now),
  };
  const title = color ? `\u001b[1m${unit}\u001b[0m` : unit;
  const known = [basis, ...notes.map((note) => `Note: ${note}`)];
  if (none !== undefined) return [title, ...[none, ...known].flatMap((text) => wrapped(text, '  '))];
  return [
    title,
    ...inOrder(directives).flatMap((directive, index, all) => changed(directive, all[index - 1], color)),
    '',
    ...[...(counterfactual === undefined ? [] : [counterfactual.sentence]), ...known].flatMap((text) =>
      wrapped(text, '  '),
    ),
    ...(applying ? whatIsLeft(advice) : howTo(advice, user)),
  ];
}

/** `flapd apply` writes for a unit of the system, and for that alone; the rest is what it does without a look again. */
function howTo(advice: Advice, user: boolean): readonly string[] {
  const { unit, target } = advice;
  const apply = `sudo flapd apply${unit.startsWith('-') ? ' --' : ''} ${shellWord(unit)}`;
  if (target === unit && !user) return [`  To apply: ${apply}`];
  const notes = overrideOf(advice, user).flatMap((text) => wrapped(`Note: ${text}`, '  '));
  const byHand = applyCommand(advice, user);
  if (target === unit) return [...notes, `  To apply: ${byHand}`];
  return [
    ...notes,
    `  To apply to all instances: ${byHand}`,
    ...(user ? [] : [`  To apply to this one alone: ${apply}`]),
  ];
}

/** Advice for a template that is applied to one instance leaves the others as they are. */
function whatIsLeft(advice: Advice): readonly string[] {
  const { unit, target } = advice;
  if (target === unit) return [];
  return [
    ...wrapped(`Note: flapd apply changes ${unit} alone, and leaves ${target} as it is.`, '  '),
    `  To apply to all instances: ${applyCommand(advice, false)}`,
  ];
}

/** The delays first: the limit follows from them. */
function inOrder(directives: readonly DirectiveView[]): readonly DirectiveView[] {
  return directives.toSorted((a, b) => compareText(a.section, b.section));
}

function changed(
  { section, directive, from, to, reason }: DirectiveView,
  before: DirectiveView | undefined,
  color: boolean,
): readonly string[] {
  const heading = before?.section === section ? [] : [`  [${section}]`];
  const minus = `  - ${directive}=${from}`;
  const plus = `  + ${directive}=${to}`;
  const lines = color ? [`\u001b[31m${minus}\u001b[0m`, `\u001b[32m${plus}\u001b[0m`] : [minus, plus];
  return [...heading, ...lines, ...wrapped(reason, '      ')];
}

function applyCommand({ unit, target, after }: Advice, user: boolean): string {
  const own = user ? ' --user' : '';
  const printed = `flapd advise${own} ${shellWord(unit)} --print`;
  if ((after?.systemdVersion ?? 0) >= editsStdinSince)
    return `${printed} | systemctl${own} edit --stdin ${shellWord(target)}`;
  const folder = user ? '~/.config/systemd/user' : '/etc/systemd/system';
  const file = `${folder}/${shellWord(`${target}.d`)}/${fileByHand}`;
  return `${printed} | install -D -m 644 /dev/stdin ${file} && systemctl${own} daemon-reload`;
}

/** That `systemctl edit --stdin` would put the drop-in in the place of one that is there. */
export function overrideOf({ target, files, after }: Advice, user: boolean): readonly string[] {
  const isEdited = (file: string): boolean =>
    file.endsWith(`/${target}.d/override.conf`) && !file.startsWith('/run/') && !file.startsWith('/usr/');
  const file = files.find(isEdited);
  if (file === undefined || (after?.systemdVersion ?? 0) < editsStdinSince) return [];
  const edit = `systemctl${user ? ' --user' : ''} edit --stdin`;
  return [`\`${edit}\` replaces ${file}, which is there: add \`--drop-in=restarts\` to keep it.`];
}

const width = 110;

function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > width && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
