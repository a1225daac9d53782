import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { lint } from '../../../src/core/lint/lint.ts';
import { subjectOf } from './subject-of.ts';

const folder = fileURLToPath(new URL('../../../contrib/systemd/', import.meta.url));
const units = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.service'),
);

it.each(units)('%s, which flapd brings itself, has nothing to be said of', (file) => {
  const text = readFileSync(folder + file, 'utf8');
  for (const version of [252, 257, 262]) expect(lint(subjectOf(text, { version }))).toEqual([]);
});
