import { readFileSync } from 'node:fs';

/** A file of `contrib/`. */
export function contrib(file: string): string {
  return readFileSync(new URL(`../../contrib/${file}`, import.meta.url), 'utf8');
}

/** The last value of each setting, by name: of these files none has a list that matters here. */
export function settingsOf(...texts: readonly string[]): Readonly<Record<string, string>> {
  const lines = texts.flatMap((text) => text.split('\n'));
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value ?? '']];
    }),
  );
}
