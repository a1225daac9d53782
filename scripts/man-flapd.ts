import { helpOption, type Option, type Verb, verbs } from '../src/cli/verbs.ts';
import { silencesFolder } from '../src/silences.ts';
import { stateFile } from '../src/state-file.ts';
import {
  argument,
  bold,
  example,
  page,
  paragraph,
  placeholders,
  prose,
  seeAlso,
  subsection,
  tagged,
} from './roff.ts';

const state = stateFile({}, 0, 'system');
const userState = stateFile({ HOME: '~' }, 1000, 'user');

/** flapd(8) */
export function manFlapd(): string {
  return page('flapd', 8, 'notices when a systemd service is caught in a restart loop', [
    [
      'SYNOPSIS',
      ...verbs.map(synopsis),
      synopsisOf('flapd', ['[\\fICOMMAND\\fR]', bold('--help')]),
      synopsisOf('flapd', [bold('--version')]),
    ],
    [
      'DESCRIPTION',
      prose(
        'flapd watches every service through the D-Bus signals of systemd(1), judges its restarts by the rules of flapd-policies(5), and tells of each restart loop once: in the log, and by the sinks of flapd.yaml(5). It also sees loops that are too slow for the start limit of systemd. The daemon restarts nothing, and changes no unit unless a policy says `mode: apply` and flapd-apply.socket is started; `flapd apply` does what root asks for. Metrics for Prometheus, a JSON API and a status page are served, read-only, where `listen` says.',
      ),
      paragraph(
        '`flapd run` is the daemon. The other commands ask it, or do without it: `flapd status` looks at systemd itself where no daemon answers, `flapd history` and `flapd replay` read the journal.',
      ),
    ],
    [
      'COMMANDS',
      prose(`Each also has \`-${helpOption.short}\`, \`--${helpOption.name}\`: show how it is used.`),
      ...verbs.map(command),
    ],
    [
      'EXIT STATUS',
      tagged(bold('0'), 'Fine.'),
      tagged(bold('1'), ...meanings(1), 'Any: standard output could not be written to, or flapd has a bug.'),
      tagged(bold('2'), 'Wrong usage or configuration.'),
      tagged(bold('3'), ...meanings(3)),
    ],
    [
      'SIGNALS',
      prose('Of the daemon:'),
      tagged(
        bold('SIGHUP'),
        'Read configuration and silences again, as `systemctl reload` with `ExecReload=/bin/kill -HUP $MAINPID` does. All of a configuration comes into force, or with a mistake nothing of it, and the log says which. Changes of the files are also noticed without it.',
      ),
      tagged(
        `${bold('SIGTERM')}, ${bold('SIGINT')}`,
        'Save what is known and stop, within 5 seconds. The next start goes on from there, and tells nothing twice.',
      ),
      paragraph('The last two also end `flapd status --watch`, with the exit status of what it showed last.'),
    ],
    [
      'ENVIRONMENT',
      tagged(bold('STATE_DIRECTORY'), 'Folder of the state, from `StateDirectory=` of the unit.'),
      tagged(
        `${bold('NOTIFY_SOCKET')}, ${bold('WATCHDOG_USEC')}`,
        'Set by systemd for `Type=notify` and `WatchdogSec=`, both of which flapd answers.',
      ),
      tagged(bold('NO_COLOR'), 'If it is set and not empty, nothing is in colour.'),
    ],
    [
      'FILES',
      tagged(bold('/etc/flapd/flapd.yaml'), 'Settings and sinks: flapd.yaml(5).'),
      tagged(bold('/etc/flapd/policies.d/*.yaml'), 'Policies: flapd-policies(5).'),
      tagged(
        bold('/etc/flapd/stop-applying'),
        'While it is there, whatever it holds, nothing is written for systemd, by `flapd apply` or by a policy; `flapd revert` still takes back.',
      ),
      tagged(
        bold('/run/systemd/system/*.d/90-flapd.conf, /etc/systemd/system/*.d/90-flapd.conf'),
        'What was applied: each says why, for which incident, until when, and how it is undone.',
      ),
      tagged(
        bold('/run/flapd-apply.sock'),
        'Where flapd-apply.socket listens: through it, and as root, the daemon has applied what a policy allows.',
      ),
      tagged(bold(state), 'Incidents, counters, and what sinks have not been told yet.'),
      tagged(bold(`${silencesFolder(state)}/`), 'What `flapd silence` wrote, a file for each.'),
      tagged(
        bold(userState),
        "The state of a daemon that watches a user's own manager; its silences lie beside it. `XDG_STATE_HOME` names another place than `~/.local/state`.",
      ),
    ],
    [
      'EXAMPLES',
      prose('What loops now, and what has become of one service in the last day:'),
      example('flapd status\nflapd history logstash --since 1d'),
      paragraph('Whether the configuration is right, and whether those are told that should be:'),
      example('flapd check\nflapd notify-test'),
      paragraph('What other policies would have said of the last week:'),
      example('flapd replay --config ./new-policies --since 7d'),
      paragraph("Whose brakes can't work, before anything loops:"),
      example('flapd lint --severity warning'),
      paragraph(
        'What to change about a service that loops, to see what that would do, to do it, and to undo it:',
      ),
      example(
        'flapd advise logstash\nflapd apply logstash --dry-run\nsudo flapd apply logstash\nsudo flapd revert logstash',
      ),
      paragraph('Maintenance:'),
      example("flapd silence 'web@*' --for 2h --reason 'new release'\nflapd unsilence 'web@*'"),
    ],
    [
      'SEE ALSO',
      seeAlso([
        ['flapd.yaml', 5],
        ['flapd-policies', 5],
        ['systemctl', 1],
        ['journalctl', 1],
        ['systemd.service', 5],
        ['systemd.unit', 5],
      ]),
    ],
  ]);
}

function synopsis({ name, operands, options }: Verb): string {
  return synopsisOf(`flapd ${name}`, [
    ...options.map((option) => `[${tagOf(option, '|').replaceAll(' ', String.raw`\~`)}]`),
    ...(operands === undefined ? [] : [placeholders(operands)]),
  ]);
}

/** What does not fit on a line goes on under the first word after what is typed as it stands. */
function synopsisOf(typed: string, words: readonly string[]): string {
  return [`.SY ${argument(typed)}`, ...words, '.YS'].join('\n');
}

function command({ name, does, operands, options }: Verb): string {
  const heading = operands === undefined ? `flapd ${name}` : `flapd ${name} ${operands}`;
  const sentence = `${does.charAt(0).toUpperCase()}${does.slice(1)}.`;
  return [
    subsection(heading),
    prose(sentence),
    ...options.map((option) => tagged(tagOf(option, ', '), option.does)),
  ].join('\n');
}

function tagOf({ name, short, value }: Option, between: string): string {
  const names = [...(short === undefined ? [] : [bold(`-${short}`)]), bold(`--${name}`)];
  return `${names.join(between)}${value === undefined ? '' : ` ${placeholders(value)}`}`;
}

/** A line for each meaning, with the commands that have it. */
function meanings(code: 1 | 3): string[] {
  const all = new Set(verbs.flatMap(({ exits }) => exits[code] ?? []));
  return [...all].map((meaning) => {
    const names = verbs.filter(({ exits }) => exits[code] === meaning).map(({ name }) => `\`${name}\``);
    return `${names.join(', ')}: ${meaning}.`;
  });
}
