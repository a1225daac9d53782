import { existsSync, mkdirSync, openSync, writeFileSync, closeSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { version } from '../../src/kit/version.ts';
import { buildFlapd, runProgram, type FlapdProgram } from './flapd-program.ts';

let flapd: FlapdProgram;
beforeAll(async () => {
  flapd = await buildFlapd();
});
afterAll(() => flapd.remove());

const noBus = '--bus=unix:path=/nonexistent/bus';
const isRoot = process.getuid?.() === 0;
const nobody = 65534;

/** A directory of configuration with these files. */
function configDir(name: string, files: Readonly<Record<string, string>>): string {
  const folder = path.join(flapd.folder, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  }
  return folder;
}

test('what is asked for goes to standard output, and nothing to standard error', async () => {
  expect(await flapd.run(['--version'])).toEqual({ code: 0, stdout: `flapd ${version}\n`, stderr: '' });
  const help = await flapd.run([]);
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toMatch(/^flapd notices .*\n\nCommands:\n/);
});

test('wrong usage is a sentence and what to type next, on standard error, with exit code 2', async () => {
  expect(await flapd.run(['status', '--al'])).toEqual({
    code: 2,
    stdout: '',
    stderr:
      'flapd: Cannot use option "--al" with "flapd status": it is unknown; ' +
      'expected one of --all, --json, --watch, --config, --user, --bus.\nTry: flapd status --help\n',
  });
});

test.each([
  [
    ['lint', '--severity', 'bad'],
    'Cannot show findings of severity "bad": there is none; expected one of error, warning, info.',
  ],
  [
    ['lint', 'a.socket'],
    'Cannot lint "a.socket": it is not a service; expected a service such as "logstash.service".',
  ],
  [
    ['lint', '--since', 'yesterday'],
    'Cannot look back "yesterday": no number at "yesterday"; expected a time span such as 7d or 12h.',
  ],
  [
    ['lint', 'a b'],
    'Cannot lint "a b": it is not a unit name; expected a service such as "logstash.service".',
  ],
])('flapd %j is told with the help of lint', async (argv, sentence) => {
  expect(await flapd.run([...argv, noBus])).toEqual({
    code: 2,
    stdout: '',
    stderr: `flapd: ${sentence}\nTry: flapd lint --help\n`,
  });
});

test('a wrong span is told with the help of the command that was typed', async () => {
  const { code, stderr } = await flapd.run(['history', 'web', '--since', 'yesterday']);
  expect([code, stderr.split('\n')[1]]).toEqual([2, 'Try: flapd history --help']);
});

describe('what is no journal is not replayed as one that tells nothing', () => {
  test('a file that `journalctl` wrote without -o json', async () => {
    const file = path.join(flapd.folder, 'short.txt');
    writeFileSync(file, 'Nov 24 06:00:20 host systemd[1]: web.service: Scheduled restart job\n');
    expect(await flapd.run(['replay', file])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'flapd: Cannot replay from it: no line of it is a journal entry; ' +
        'expected the output of `journalctl -o json`.\nTry: flapd replay --help\n',
    });
  });

  test('but an empty file, or one with entries of others, is', async () => {
    const file = path.join(flapd.folder, 'others.json');
    writeFileSync(file, '{"__REALTIME_TIMESTAMP":"1","MESSAGE":"hello"}\n');
    for (const each of [file, '/dev/null']) {
      expect(await flapd.run(['replay', each])).toMatchObject({
        code: 0,
        stdout: 'The journal says nothing about services in this time.\n',
      });
    }
  });
});

describe('a name that is no service that could be shown', () => {
  test.each<[typed: string, sentence: string]>([
    [
      'dbus.socket',
      'Cannot show "dbus.socket": it is not a service; expected a service such as "logstash.service".',
    ],
    ['a b', 'Cannot show "a b": it is not a unit name; expected a service such as "logstash.service".'],
    ['', 'Cannot show "": it is not a unit name; expected a service such as "logstash.service".'],
    ['web@', 'Cannot show "web@": it is a template, of which nothing runs; expected an instance of it.'],
  ])('%j ends with exit code 2, before anybody is asked', async (typed, sentence) => {
    expect(await flapd.run(['status', noBus, typed])).toEqual({
      code: 2,
      stdout: '',
      stderr: `flapd: ${sentence}\nTry: systemctl list-units --type=service\n`,
    });
  });
});

describe('configuration that can not be used', () => {
  const statusWith = (dir: string) => flapd.run(['status', noBus, '--config', dir]);

  test('a directory that is not there', async () => {
    expect(await statusWith('/nonexistent')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'flapd: Cannot use the configuration in "/nonexistent": it has a problem:\n' +
        '/nonexistent:1:1: cannot be read: no such file or directory\n',
    });
  });

  test('an empty name, as a variable that is not set gives', async () => {
    expect(await statusWith('')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'flapd: Cannot use the configuration in "": it is empty; expected a directory.\nTry: ls /etc/flapd\n',
    });
  });

  test('a key that there is not, and a value: file, line, column, a caret, and the number of problems', async () => {
    const dir = configDir('bad', { 'flapd.yaml': 'lisen: off\nmanager: root\n' });
    const { code, stdout, stderr } = await statusWith(dir);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.replaceAll(dir, 'DIR').split('\n')).toEqual([
      'flapd: Cannot use the configuration in "DIR": it has 2 problems:',
      'DIR/flapd.yaml:1:1: unknown key "lisen"; did you mean "listen"?',
      '    lisen: off',
      '    ^',
      'DIR/flapd.yaml:2:10: "manager" is "root"; expected system or user',
      '    manager: root',
      '             ^',
      '',
    ]);
  });

  test('what is no YAML', async () => {
    const dir = configDir('broken', { 'policies.d/1.yaml': 'policies:\n  - name: "a\n' });
    const { code, stderr } = await statusWith(dir);
    expect(code).toBe(2);
    expect(stderr).toMatch(/policies\.d\/1\.yaml:\d+:\d+: .+\n {4}/);
  });

  test('the daemon does not start with it either', async () => {
    const dir = configDir('daemon', { 'flapd.yaml': 'listen: nowhere\n' });
    const { code, stderr } = await flapd.run(['run', noBus, '--config', dir]);
    expect(code).toBe(2);
    expect(stderr).toContain('flapd.yaml:1:9: ');
  });
});

describe('where systemd can not be reached', () => {
  const sentences = (stderr: string): readonly string[] => stderr.trimEnd().split('\n');

  test.each(['status', 'run', 'lint'])('flapd %s says so in a sentence, with exit code 3', async (verb) => {
    const dir = configDir('off', { 'flapd.yaml': 'listen: off\n' });
    const { code, stdout, stderr } = await flapd.run([verb, noBus, '--config', dir]);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    const [sentence = '', hint, ...more] = sentences(stderr);
    // On a machine that systemd did not start it says that instead.
    expect(sentence).toMatch(
      existsSync('/run/systemd/system')
        ? /^flapd: Cannot reach bus "unix:path=\/nonexistent\/bus": no such socket \(ENOENT\); expected /
        : /^flapd: Cannot reach systemd: it is not what started this machine \(.*\); expected it as PID 1\.$/,
    );
    expect(hint).toMatch(/^Try: /);
    expect(more).toEqual([]);
  });

  test.each<[address: string, code: number, sentence: string]>([
    [
      'unix:path=/etc/passwd',
      3,
      'Cannot reach bus "unix:path=/etc/passwd": not a socket (ECONNREFUSED); expected a D-Bus daemon that listens there.',
    ],
    [
      'tcp:host=localhost',
      2,
      'Cannot use bus address "tcp:host=localhost": transport "tcp" is not supported; expected unix:path=….',
    ],
    ['', 2, 'Cannot use bus address "": it is empty; expected unix:path=….'],
  ])('--bus=%s', async (address, code, sentence) => {
    const ended = await flapd.run(['status', `--bus=${address}`]);
    expect({ ...ended, stderr: ended.stderr.split('\nTry: ', 1)[0] }).toEqual({
      code,
      stdout: '',
      stderr: `flapd: ${sentence}`,
    });
  });

  test('a socket that something else than a bus listens on', async () => {
    const socket = path.join(flapd.folder, 'other.sock');
    const server = createServer((connection) => connection.end('220 mail.example.org ESMTP\r\n')).listen(
      socket,
    );
    await once(server, 'listening');
    const { code, stderr } = await flapd.run(['status', `--bus=unix:path=${socket}`]);
    server.close();
    expect(code).toBe(3);
    expect(stderr).toContain('not a D-Bus server: it answered "220 mail.example.org ESMTP"');
    expect(sentences(stderr)).toHaveLength(2);
  });

  test.skipIf(!isRoot)('a socket that this user may not open', async () => {
    const socket = path.join(flapd.folder, 'closed.sock');
    const server = createServer().listen({ path: socket, readableAll: false, writableAll: false });
    await once(server, 'listening');
    const { code, stderr } = await flapd.run(['status', `--bus=unix:path=${socket}`], { uid: nobody });
    server.close();
    expect(code).toBe(3);
    expect(stderr).toContain(`user ${nobody} may not connect (EACCES)`);
    expect(sentences(stderr)).toHaveLength(2);
  });
});

test('flapd run on a port that is taken says so in a sentence, with exit code 1', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const dir = configDir('taken', { 'flapd.yaml': `listen: 127.0.0.1:${port}\n` });
  const ended = await flapd.run(['run', noBus, '--config', dir]);
  server.close();
  expect(ended).toEqual({
    code: 1,
    stdout: '',
    stderr:
      `flapd: Cannot listen on "127.0.0.1:${port}": the port is in use; expected a free port.\n` +
      `Try: ss -ltnp 'sport = :${port}'\n`,
  });
});

describe('standard output', () => {
  const stdoutTo = async (file: string, argv: readonly string[]) => {
    const stdout = openSync(file, 'w');
    try {
      return await flapd.run(argv, { stdio: ['ignore', stdout, 'pipe'] });
    } finally {
      closeSync(stdout);
    }
  };

  test('that is full: a sentence and exit code 1', async () => {
    expect(await stdoutTo('/dev/full', ['--help'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'flapd: Cannot write to standard output: ENOSPC: no space left on device, write.\n',
    });
  });

  test('that nobody reads to its end is no error', async () => {
    const shell = `"$1" "$2" --help | head -1; echo "\${PIPESTATUS[@]}"`;
    const { stdout, stderr } = await runProgram(['bash', '-c', shell, 'bash', process.execPath, flapd.file]);
    expect(stdout).toMatch(/^flapd notices .*\n0 0\n$/);
    expect(stderr).toBe('');
  });

  test('that nobody reads at all is no error', async () => {
    const shell = `"$1" "$2" --help | true; echo "\${PIPESTATUS[@]}"`;
    const { stdout, stderr } = await runProgram(['bash', '-c', shell, 'bash', process.execPath, flapd.file]);
    expect({ stdout, stderr }).toEqual({ stdout: '0 0\n', stderr: '' });
  });

  test('or standard error that is closed changes no exit code', async () => {
    const shell = `"$1" "$2" --help >&-; echo $?; "$1" "$2" nonsuch 2>&-; echo $?; "$1" "$2" nonsuch 2>/dev/full; echo $?`;
    const { stdout } = await runProgram(['bash', '-c', shell, 'bash', process.execPath, flapd.file]);
    expect(stdout).toBe('0\n2\n2\n');
  });
});

test('a bug keeps its stack, in few lines, and ends with exit code 1', async () => {
  const preload = path.join(flapd.folder, 'bug.cjs');
  writeFileSync(preload, "process.stdout.write = () => { throw new TypeError('planted'); };\n");
  const { code, stderr } = await runProgram([
    process.execPath,
    '--require',
    preload,
    flapd.file,
    '--version',
  ]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^flapd: this is a bug: TypeError: planted\n {4}at /);
  expect(stderr.length).toBeLessThan(4000);
});
