import { type Directive, directiveNames, directiveLine, readDirective, sectionOf } from './directive.ts';

/** The part of a drop-in that systemd reads: `[Unit]` and `[Service]` with their directives, in a fixed order. */
export function dropInSections(directives: readonly Directive[]): string {
  const blocks = (['Unit', 'Service'] as const).flatMap((section) => {
    const own = inOrder(directives).filter(({ name }) => sectionOf(name) === section);
    const lines = own.map((directive) => `${directiveLine(directive)}\n`);
    return lines.length === 0 ? [] : [`[${section}]\n${lines.join('')}`];
  });
  return blocks.join('\n');
}

/** What {@link dropInSections} wrote; undefined where it did not write this. */
export function readSections(text: string): readonly Directive[] | undefined {
  const directives: Directive[] = [];
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    const reading = readDirective(name, value);
    if (!reading.ok || directives.some((each) => each.name === name)) return undefined;
    directives.push(reading.directive);
  }
  // Whatever else stands there is not in what would be written anew.
  return dropInSections(directives) === text ? directives : undefined;
}

function inOrder(directives: readonly Directive[]): readonly Directive[] {
  return directiveNames.flatMap((name) => directives.filter((each) => each.name === name));
}
