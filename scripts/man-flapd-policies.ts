import { maxPolicies } from '../src/config/schema.ts';
import { neverApplied } from '../src/core/remedy/deny-list.ts';
import { builtInPolicy } from '../src/core/policy.ts';
import { flowOf, rowsOf } from './config-rows.ts';
import type { JsonSchema } from './config-schema.ts';
import { keyList } from './man-keys.ts';
import { timeSpans } from './man-flapd-yaml.ts';
import { bold, example, page, paragraph, prose, seeAlso, tagged } from './roff.ts';

const files = '/etc/flapd/policies.d/*.yaml';

export const policiesExample = `policies:
  # Only many restarts of these are news, and only by mail.
  - name: workers
    match: ["worker@*", batch]
    loop:
      - { restarts: 20, within: 10min }
    calm_after: 30min
    notify: mail

  # All other services; the rule over a day is left out.
  - name: rest
    loop:
      - { restarts: 5, within: 2min }
      - { restarts: 10, within: 1h }
`;

/** flapd-policies(5) */
export function manFlapdPolicies(schema: JsonSchema): string {
  const patterns = neverApplied.map(([pattern]) => `\`${pattern}\``).join(', ');
  return page('flapd-policies', 5, 'which restarts of which services flapd takes for a loop', [
    ['SYNOPSIS', prose(files)],
    [
      'DESCRIPTION',
      prose(
        'A policy says for some services which restarts make a loop, who is told, and when it is over. Each file holds one key, `policies`, with a list of them.',
      ),
      paragraph(
        `Files are read in lexical order, at most ${maxPolicies} policies in all. The first policy whose \`match\` fits a unit is its policy; nothing is taken from those after it. A built-in one, of defaults alone, fits what is left.`,
      ),
      paragraph(
        'A change is in force within a second, or on SIGHUP. With a mistake in any file the daemon does not start, and while it runs, the last good policies stay in force. `flapd check` tells all mistakes and what is hardly meant, such as a policy that no unit can get to; `flapd check --unit NAME` tells which policy a unit has, and `flapd replay` which incidents the policies would have opened in the past.',
      ),
      paragraph(timeSpans),
    ],
    [
      'KEYS OF A POLICY',
      prose('What is left out has its default, whatever other policies say.'),
      keyList(rowsOf(schema), 'policies[].'),
      paragraph(
        `\`remedy\` says what may be advised; with \`mode: alert\` incidents are not advised on. With \`mode: apply\` it is applied to a unit that loops, where flapd-apply.socket is started; it is watched, and taken back where it does not help. Never to be changed, whatever a policy says: ${patterns}.`,
      ),
    ],
    [
      'BUILT-IN POLICY',
      prose('It comes after all others, and tells every sink:'),
      example(builtInYaml(schema)),
    ],
    [
      'EXAMPLE',
      prose(
        '`mail` is a sink of flapd.yaml(5). `flapd replay` shows what these policies would have said of the last week.',
      ),
      example(policiesExample),
    ],
    [
      'FILES',
      tagged(bold(files), 'These files; `--config` names another folder than `/etc/flapd`.'),
      tagged(
        bold('schema/policies.schema.json'),
        "In flapd's own folder: the JSON Schema by which editors complete and check them.",
      ),
    ],
    [
      'SEE ALSO',
      seeAlso([
        ['flapd', 8],
        ['flapd.yaml', 5],
        ['systemd.service', 5],
        ['systemd.unit', 5],
        ['systemd.time', 7],
      ]),
    ],
  ]);
}

/** What the defaults of the definition come to, as a file would have them. */
export function builtInYaml(schema: JsonSchema): string {
  const policy = schema.properties?.['policies']?.items;
  const lines = [`name: ${builtInPolicy.name}`, ...defaultLines(policy ?? {})];
  return `policies:\n${lines.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`).join('\n')}\n`;
}

function defaultLines(schema: JsonSchema): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, { default: value, ...inner }]) => {
    if (Array.isArray(value)) return [`${key}:`, ...value.map((each: unknown) => `  - ${flowOf(each)}`)];
    if (value !== undefined) return [`${key}: ${value === '*' ? '"*"' : flowOf(value)}`];
    const within = defaultLines(inner);
    return within.length === 0 ? [] : [`${key}:`, ...within.map((line) => `  ${line}`)];
  });
}
