import { describe, expect, test } from 'vitest';
import { parseArgv } from '../../src/cli/args.ts';
import { verbs } from '../../src/cli/verbs.ts';
import { AppError } from '../../src/kit/errors.ts';

const verbNames = verbs.map(({ name }) => name).join(', ');
const statusOptions = '--all, --json, --watch, --config, --user, --bus';

describe('argv that is understood', () => {
  test.each<[argv: string, verb: string, flags: object, operands: string[]]>([
    ['run', 'run', {}, []],
    ['run --config /etc/other --log-level debug', 'run', { config: '/etc/other', 'log-level': 'debug' }, []],
    ['run --config=/etc/other', 'run', { config: '/etc/other' }, []],
    ['run --bus unix:path=/x,guid=1', 'run', { bus: 'unix:path=/x,guid=1' }, []],
    ['run --config=--odd', 'run', { config: '--odd' }, []],
    ['status', 'status', {}, []],
    ['status a b.service', 'status', {}, ['a', 'b.service']],
    ['status a --all b --json', 'status', { all: true, json: true }, ['a', 'b']],
    ['status --user --watch', 'status', { user: true, watch: true }, []],
    ['status -- --all', 'status', {}, ['--all']],
    ['status --config one --config two', 'status', { config: 'two' }, []],
  ])('flapd %s', (line, verb, flags, operands) => {
    const parsed = parseArgv(line.split(' '));
    expect(parsed).toMatchObject({ kind: 'verb', typed: { verb: { name: verb }, operands } });
    expect(parsed.kind === 'verb' && parsed.typed.flags).toEqual(flags);
  });

  test.each<[argv: string[], verb: string | undefined]>([
    [[], undefined],
    [['--help'], undefined],
    [['-h'], undefined],
    [['help'], undefined],
    [['help', 'run'], 'run'],
    [['status', '--help'], 'status'],
    [['status', '-h', 'a'], 'status'],
    [['run', '--config', 'x', '--help'], 'run'],
  ])('%j asks for help', (argv, verb) => {
    const parsed = parseArgv(argv);
    expect(parsed.kind).toBe('help');
    expect(parsed.kind === 'help' && parsed.verb?.name).toBe(verb);
  });

  test('--version is no verb', () => {
    expect(parseArgv(['--version'])).toEqual({ kind: 'version' });
  });
});

describe('argv that is refused with exit code 2, a sentence and what to type next', () => {
  test.each<[argv: string[], message: string, hint: string]>([
    [
      ['frobnicate'],
      `Cannot run "frobnicate": there is no such command; expected one of ${verbNames}`,
      'flapd --help',
    ],
    [
      ['help', 'frobnicate'],
      `Cannot run "frobnicate": there is no such command; expected one of ${verbNames}`,
      'flapd --help',
    ],
    [[''], `Cannot run "": there is no such command; expected one of ${verbNames}`, 'flapd --help'],
    [
      ['--json', 'status'],
      `Cannot use option "--json" without a command: options come after it; expected one of ${verbNames} first`,
      'flapd --help',
    ],
    [
      ['status', '--josn'],
      `Cannot use option "--josn" with "flapd status": it is unknown; expected one of ${statusOptions}`,
      'flapd status --help',
    ],
    [
      ['status', '-a'],
      `Cannot use option "-a" with "flapd status": it is unknown; expected one of ${statusOptions}`,
      'flapd status --help',
    ],
    [
      ['status', '--log-level', 'debug'],
      `Cannot use option "--log-level" with "flapd status": it is unknown; expected one of ${statusOptions}`,
      'flapd status --help',
    ],
    [
      ['status', '--__proto__'],
      `Cannot use option "--__proto__" with "flapd status": it is unknown; expected one of ${statusOptions}`,
      'flapd status --help',
    ],
    [
      ['run', '--config'],
      'Cannot use option "--config" with "flapd run": its value is missing; expected --config DIR',
      'flapd run --help',
    ],
    [
      ['run', '--config', '--user'],
      'Cannot use option "--config" with "flapd run": another option follows it; expected --config DIR',
      'flapd run --help',
    ],
    [
      ['status', '--all=yes'],
      'Cannot use option "--all" with "flapd status": it takes no value; expected --all alone',
      'flapd status --help',
    ],
    [
      ['status', '--help=yes'],
      'Cannot use option "--help" with "flapd status": it takes no value; expected --help alone',
      'flapd status --help',
    ],
    [
      ['run', 'logstash'],
      'Cannot run "flapd run logstash": run takes no argument; expected options only',
      'flapd run --help',
    ],
  ])('%j', (argv, message, hint) => {
    let thrown: unknown;
    try {
      parseArgv(argv);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ message, hint, exitCode: 2 });
  });
});
