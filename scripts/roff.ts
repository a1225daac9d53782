import manifest from '../package.json' with { type: 'json' };

/*
 * Man pages in the macros of man(7), as both groff and mandoc read them. A page is made of blocks, each of whole lines;
 * what is handed in is plain text, in which code stands in backticks.
 */

/** Longer lines are a fault of style to mandoc; they are filled anew when the page is shown. */
const longestLine = 80;

/** Nothing, before an apostrophe or a dot: at the start of a line they make it a macro. */
const guard = String.raw`\&`;

/** What roff would turn into something that can't be pasted, or take for its own; man(7) of man-pages, groff_char(7). */
const characters: Readonly<Record<string, string>> = {
  '\\': String.raw`\e`,
  '-': String.raw`\-`,
  '^': String.raw`\(ha`,
  '~': String.raw`\(ti`,
  '`': String.raw`\(ga`,
  '…': '...',
};

/** Text that is code is typed as it stands: there an apostrophe is the one of the keyboard. */
const codeCharacters = { ...characters, "'": String.raw`\(aq`, '"': String.raw`\(dq` };

/**
 * As in systemd's own pages: names are searched for and pasted, so none is hyphenated, and no gap is stretched. HY is
 * what groff's .EE and .YS go back to.
 */
const plainSetting = ['.nr HY 0', '.nh', '.ad l'];

/** A whole page. No date: it would be that of the build and not of the text, and two builds would differ. */
export function page(
  name: string,
  section: 5 | 8,
  does: string,
  blocks: readonly (readonly [heading: string, ...body: string[]])[],
): string {
  const manual = section === 5 ? 'File Formats Manual' : "System Manager's Manual";
  const title = `.TH ${argument(name.toUpperCase())} ${section} "" "flapd ${manifest.version}" ${argument(manual)}`;
  const shown = [['NAME', `${escaped(name)} \\- ${escaped(does)}`], ...blocks].map(([heading, ...body]) =>
    [`.SH ${argument(heading ?? '')}`, ...body].join('\n'),
  );
  return [`.\\" Written by \`npm run schema\`.`, title, ...plainSetting, ...shown, ''].join('\n');
}

export function subsection(heading: string): string {
  return `.SS ${argument(heading)}`;
}

export function paragraph(text: string): string {
  return `.PP\n${prose(text)}`;
}

/** Text that has a macro before it. */
export function prose(text: string): string {
  return filled(inline(text));
}

/** What is told of under a tag; the tag's text may have fonts already, see `bold` and `italic`. */
export function tagged(tag: string, ...lines: readonly string[]): string {
  return ['.TP', tag, lines.map(prose).join('\n.br\n')].join('\n');
}

/** One step to the right of what is above. */
export function indented(block: string): string {
  return `.RS\n${block}\n.RE`;
}

/** As it is typed, line by line. */
export function example(text: string): string {
  const lines = text.trimEnd().split('\n').map(escapedCode).map(guarded);
  return ['.PP', '.RS 4', '.EX', ...lines, '.EE', '.RE'].join('\n');
}

export function seeAlso(pages: readonly (readonly [name: string, section: number])[]): string {
  const lines = pages.map(([name, section]) => `.BR ${escapedCode(name)} (${section})`);
  return lines.join(' ,\n');
}

export function bold(text: string): string {
  if (text === '') return '';
  return `\\fB${escapedCode(text)}\\fR`;
}

/** `[UNIT…]`: what stands for something else, in capitals, is italic. */
export function placeholders(text: string): string {
  return escapedCode(text).replaceAll(/[A-Z]+/g, String.raw`\fI$&\fR`);
}

export function argument(text: string): string {
  return `"${escapedCode(text)}"`;
}

/** Code and the names of other pages, `flapd(8)`, are bold; no line ends within. */
function inline(text: string): string {
  const parts = text.split(/`([^`]*)`|([a-z][\w.-]*)(?=\(\d\))/);
  return parts
    .map((part, index) =>
      index % 3 === 0 ? escaped(part) : bold(part ?? '').replaceAll(' ', String.raw`\~`),
    )
    .join('');
}

function escaped(text: string): string {
  return replaced(text, characters);
}

function escapedCode(text: string): string {
  return replaced(text, codeCharacters);
}

function replaced(text: string, by: Readonly<Record<string, string>>): string {
  return text.replaceAll(/[^\w ]/gu, (character) => by[character] ?? named(character));
}

/** Beyond ASCII by number: what encoding a page is read in is not ours to say. */
function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 128 ? character : `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
}

function guarded(line: string): string {
  return /^['.]/.test(line) ? `${guard}${line}` : line;
}

/** Each sentence begins a line, so that roff knows its end, and none is too long. */
function filled(text: string): string {
  const [first = '', ...words] = text.split(' ');
  const lines = [first];
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`;
    const isSentence = /(?<!\.)\.$/.test(lines.at(-1) ?? '');
    if (isSentence || longer.length > longestLine - guard.length) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.map(guarded).join('\n');
}
