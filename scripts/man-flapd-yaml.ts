import { rowsOf, sinkRows } from './config-rows.ts';
import type { JsonSchema } from './config-schema.ts';
import { keyList } from './man-keys.ts';
import { bold, example, page, paragraph, prose, seeAlso, subsection, tagged } from './roff.ts';

const file = '/etc/flapd/flapd.yaml';

export const flapdYamlExample = `# HTTP on a socket; the journal of two days is read at start.
listen: unix:/run/flapd/http.sock
backfill: 2d

sinks:
  ops:
    type: webhook
    url: https://chat.example.org/hook
    format: slack
    headers_file: /etc/flapd/ops.headers
  am:
    type: alertmanager
    url: http://127.0.0.1:9093
    labels: { team: web }
  mail:
    type: email
    smtp: smtp://127.0.0.1:25
    from: flapd@example.org
    to: [ops@example.org]
  page:
    type: exec
    command: [/usr/local/bin/page, flapd]
`;

/** How time spans are written, for both pages of section 5. */
export const timeSpans =
  'A time span is written as for systemd, see systemd.time(7): `90`, `2min 5s`, `1.5h`; a bare number is seconds.';

/** flapd.yaml(5) */
export function manFlapdYaml(schema: JsonSchema): string {
  return page('flapd.yaml', 5, 'settings of flapd, and whom it tells of restart loops', [
    ['SYNOPSIS', prose(file)],
    [
      'DESCRIPTION',
      prose(
        'This file holds what flapd(8) needs to know beside its policies, which stand in files of their own: see flapd-policies(5). It is YAML. What is left out has its default, and there need not be a file.',
      ),
      paragraph(
        'A change is in force within a second, or on SIGHUP; that of `manager` with the next start. A file with a mistake keeps the daemon from starting; while it runs, the last good one stays in force. What flapd does not know is a mistake. `flapd check` tells all of them, each with its line and column.',
      ),
      paragraph(timeSpans),
    ],
    ['KEYS', keyList(rowsOf(schema))],
    [
      'SINKS',
      prose(
        '`sinks` names ways to tell somebody beside the log, which is always told. A policy chooses among them by `notify`; one without it tells all of them. `type` says what a sink is, and which other keys it has. `flapd notify-test` sends each of them a sample.',
      ),
      ...sinkRows(schema).flatMap(([type, rows]) => [subsection(`type: ${type}`), keyList(rows)]),
    ],
    ['EXAMPLE', prose('All keys but one, and a sink of each type:'), example(flapdYamlExample)],
    [
      'FILES',
      tagged(bold(file), 'This file; `--config` names another folder.'),
      tagged(
        bold('schema/flapd.schema.json'),
        "In flapd's own folder: the JSON Schema by which editors complete and check it.",
      ),
    ],
    [
      'SEE ALSO',
      seeAlso([
        ['flapd', 8],
        ['flapd-policies', 5],
        ['systemd.time', 7],
      ]),
    ],
  ]);
}
