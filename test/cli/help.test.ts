import { describe, expect, test } from 'vitest';
import { helpText } from '../../src/cli/help.ts';
import { helpOption, verbs } from '../../src/cli/verbs.ts';

const exitCodes =
  "Exit codes: 0 fine, 1 a service loops, a brake can't work, or a sink was not told, 2 wrong usage or configuration, 3 systemd or the journal can't be reached.";

test('the general help has a line for each command, and the exit codes', () => {
  const lines = helpText(undefined).split('\n');
  for (const { name, operands, does } of verbs) {
    const synopsis = operands === undefined ? name : `${name} ${operands}`;
    expect(
      lines.filter((line) => line.startsWith(`  ${synopsis} `) && line.endsWith(`  ${does}`)),
    ).toHaveLength(1);
  }
  expect(lines).toContain(exitCodes);
  expect(lines.at(-1)).toBe('');
});

describe.each(verbs.map((verb) => [verb.name, verb] as const))('the help of %s', (name, verb) => {
  const lines = helpText(verb).split('\n');

  test('begins with how to type it', () => {
    const operands = verb.operands === undefined ? '' : ` ${verb.operands}`;
    expect(lines[0]).toBe(`Usage: flapd ${name}${operands} [OPTIONS]`);
  });

  test.each([...verb.options, helpOption])('has --$name and what it does', (option) => {
    const value = option.value === undefined ? '' : ` ${option.value}`;
    const short = option.short === undefined ? '' : `-${option.short}, `;
    const rows = lines.filter((line) => line.startsWith(`  ${short}--${option.name}${value} `));
    expect(rows).toHaveLength(1);
    expect(rows[0]?.endsWith(`  ${option.does}`)).toBe(true);
  });

  test('says what its exit codes mean, and none that it does not have', () => {
    const [line = '', ...more] = lines.filter((each) => each.startsWith('Exit codes: '));
    expect(more).toEqual([]);
    expect([...line.matchAll(/\b[0-3](?= )/g)].map(([code]) => code)).toEqual(
      ['0', '2', ...Object.keys(verb.exits)].sort(),
    );
    for (const meaning of Object.values(verb.exits)) expect(line).toContain(meaning);
  });

  test('fits on a terminal of 120 columns', () => {
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });
});
