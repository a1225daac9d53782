import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verbs } from '../../src/cli/verbs.ts';

const completions = fileURLToPath(new URL('../../packaging/completion', import.meta.url));

/** Instead of systemctl: units of the system, or with `--user` of the session. */
const systemctl = `#!/bin/sh
[ "$1" = --user ] && { echo 'mine.service loaded active running Mine'; exit; }
echo 'web@1.service loaded active running Web'
echo 'logstash.service loaded active running Logs'
`;

/** Completes the last word of a line, and prints what there is to choose from, a line each. */
const bash = `source ${completions}/flapd.bash; set -f; COMP_WORDS=($1); [[ $1 != *' ' ]] || COMP_WORDS+=('')
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _flapd; printf '%s\\n' "\${COMPREPLY[@]}"`;

const fish = `source ${completions}/flapd.fish; complete -C $argv[1] | string replace -r '\\t.*' ''`;

/**
 * zsh completes on a terminal only. Here its own functions are stood in for by ones that say what they were given:
 * `_arguments` the options, and runs the action of the operands where an option's value is not what is asked for.
 */
const zsh = `compadd() { while [[ $1 != - ]]; do shift; done; shift; print -l -- "$@" }
_describe() { print -l -- \${(P)2%%:*} }
_files() { print files }
_arguments() {
  local spec action
  for spec; do
    [[ $words[-1] == -* && \${spec%%\\[*} == (#b)*--([a-z-]##) ]] && print -- --$match[1]
    [[ $spec == *"--$asked"\\[* || ( -z $asked && $spec == '*:'* ) ]] || continue
    action=\${spec##*:}
    [[ $action == '('*')' ]] && print -l -- \${(z)action[2,-2]} || $action
  done
}
setopt extendedglob
words=(\${(z)1}) asked=
[[ $1 != *' ' ]] || words+=('')
CURRENT=$#words
[[ $words[-2] != --* || $words[-2] == --user ]] || asked=\${words[-2]#--}
found=(\${(f)"$(source ${completions}/flapd.zsh)"})
print -l -- \${(M)found:#$words[-1]*}`;

const hasShell = (name: string): boolean => spawnSync(name, ['-c', 'exit']).status === 0;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-completion-'));
  mkdirSync(path.join(folder, 'bin'));
  writeFileSync(path.join(folder, 'bin/systemctl'), systemctl, { mode: 0o755 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const everyVerb = verbs.map(({ name }) => name as string);
const cases: readonly [line: string, offered: readonly string[]][] = [
  ['flapd st', ['status']],
  ['flapd status ', ['logstash.service', 'web@1.service']],
  ['flapd history log', ['logstash.service']],
  ['flapd status --user ', ['mine.service']],
  ['flapd run --log-level ', ['debug', 'error', 'info', 'warn']],
  ['flapd check --un', ['--unit']],
  ['flapd check --unit we', ['web@1.service']],
];

describe.each([
  { shell: 'bash', argv: (line: string) => ['-c', bash, 'bash', line] },
  { shell: 'fish', argv: (line: string) => ['-c', fish, line] },
  { shell: 'zsh', argv: (line: string) => ['-fc', zsh, 'zsh', line] },
])('completion in $shell', ({ shell, argv }) => {
  const offered = (line: string): readonly string[] => {
    const { stdout, stderr } = spawnSync(shell, argv(line), {
      encoding: 'utf8',
      timeout: 5000,
      env: { PATH: `${folder}/bin:${process.env['PATH']}`, HOME: folder, TERM: 'dumb', LANG: 'C.UTF-8' },
    });
    expect(stderr).toBe('');
    return [...new Set(stdout.split('\n').filter((word) => word !== ''))].toSorted();
  };

  test.skipIf(!hasShell(shell)).each(cases)(`%s (needs the package ${shell})`, (line, words) => {
    expect(offered(line)).toEqual(words);
  });

  test.skipIf(!hasShell(shell))(`every command (needs the package ${shell})`, () => {
    expect(offered('flapd ')).toEqual(expect.arrayContaining(everyVerb));
  });

  test.skipIf(!hasShell(shell)).each(verbs)(
    `every option of $name (needs the package ${shell})`,
    ({ name, options }) => {
      expect(offered(`flapd ${name} --`)).toEqual(
        expect.arrayContaining(options.map((option) => `--${option.name}`)),
      );
    },
  );
});
