import { badRemedies } from './bad-remedies.ts';
import { badSinks } from './bad-sinks.ts';

/** Every folder of test/fixtures/policies/bad, and all that must be said of it: `file:line:column: message`. */
export const badFixtures: readonly (readonly [folder: string, problems: readonly string[]])[] = [
  ...badRemedies,
  ...badSinks,
  [
    'backfill-no-time-span',
    [
      'flapd.yaml:1:11: "backfill" is "yesterday": no number at "yesterday"; expected a time span from 0 (none) up to 4w, such as 24h',
    ],
  ],
  [
    'backfill-too-long',
    ['flapd.yaml:1:11: "backfill" is "1y"; expected a time span from 0 (none) up to 4w, such as 24h'],
  ],
  [
    'calm-after-list',
    [
      'policies.d/web.yaml:4:17: "calm_after" is a list; expected a time span above 0 and up to 1w, such as 2min',
    ],
  ],
  [
    'calm-after-negative',
    [
      'policies.d/web.yaml:4:17: "calm_after" is "-10min": a negative time span; expected a time span above 0 and up to 1w, such as 2min',
    ],
  ],
  [
    'duplicate-keys',
    [
      'policies.d/web.yaml:4:5: duplicate key "match"; first used at 3:5',
      'policies.d/web.yaml:5:5: duplicate key "name"; first used at 2:5',
    ],
  ],
  ['file-no-mapping', ['policies.d/web.yaml:1:1: the file is a list; expected the key "policies"']],
  [
    'key-of-javascript',
    [
      'policies.d/web.yaml:4:5: unknown key "constructor"; expected "name" or "match" or "loop" or "calm_after" or "mode" or "remedy" or "notify" or "remind_every"',
      'policies.d/web.yaml:5:5: unknown key "__proto__"; expected "name" or "match" or "loop" or "calm_after" or "mode" or "remedy" or "notify" or "remind_every"',
      'policies.d/web.yaml:6:5: unknown key "toString"; expected "name" or "match" or "loop" or "calm_after" or "mode" or "remedy" or "notify" or "remind_every"',
    ],
  ],
  [
    'listen-false',
    ['flapd.yaml:1:9: "listen" is false; expected HOST:PORT, [IPV6]:PORT in quotes, unix:/PATH or off'],
  ],
  [
    'listen-no-port',
    [
      'flapd.yaml:1:9: "listen" is "localhost": no port; expected HOST:PORT, [IPV6]:PORT in quotes, unix:/PATH or off',
    ],
  ],
  [
    'listen-number',
    ['flapd.yaml:1:9: "listen" is 9843; expected HOST:PORT, [IPV6]:PORT in quotes, unix:/PATH or off'],
  ],
  [
    'listen-v6-unquoted',
    ['flapd.yaml:2:14: not valid YAML: text after the end of a value; put the whole value in quotes'],
  ],
  [
    'loop-empty',
    [
      'policies.d/web.yaml:4:11: "loop" is an empty list; expected a list of 1 to 16 rules, such as { restarts: 5, within: 2min }',
    ],
  ],
  [
    'loop-no-list',
    [
      'policies.d/web.yaml:4:11: "loop" is a mapping; expected a list of 1 to 16 rules, such as { restarts: 5, within: 2min }',
    ],
  ],
  [
    'loop-rule-no-mapping',
    [
      'policies.d/web.yaml:6:9: an entry of "loop" is "10 in 1h"; expected a rule such as { restarts: 5, within: 2min }',
    ],
  ],
  ['apply-other', ['flapd.yaml:1:8: "apply" is "false"; expected on or off']],
  ['manager-other', ['flapd.yaml:1:10: "manager" is "session"; expected system or user']],
  [
    'match-bad-globs',
    [
      'policies.d/web.yaml:3:13: an entry of "match" is "nginx[": its "[" is never closed; expected a service name or a pattern such as "web@*"',
      'policies.d/web.yaml:3:23: an entry of "match" is "php{7,8}": no unit name holds "{"; expected a service name or a pattern such as "web@*"',
      'policies.d/web.yaml:3:39: an entry of "match" is "node[9-0]": its range "9-0" is empty; expected a service name or a pattern such as "web@*"',
    ],
  ],
  [
    'match-empty',
    [
      'policies.d/web.yaml:3:12: "match" is "": nothing to match; expected a service name or a pattern such as "web@*"',
    ],
  ],
  [
    'match-empty-list',
    [
      'policies.d/web.yaml:3:12: "match" is an empty list; expected a service name or pattern, or a list of 1 to 256 of them',
    ],
  ],
  [
    'match-no-service',
    [
      'policies.d/web.yaml:3:12: "match" is "backup.timer": only services are watched; expected a service name or a pattern such as "web@*"',
    ],
  ],
  [
    'match-no-value',
    [
      'policies.d/web.yaml:3:5: "match" is empty; expected a service name or pattern, or a list of 1 to 256 of them',
    ],
  ],
  [
    'match-number-in-list',
    [
      'policies.d/web.yaml:5:9: an entry of "match" is 8080; expected a service name or a pattern such as "web@*"',
    ],
  ],
  [
    'match-unquoted-set',
    ['policies.d/web.yaml:3:16: an unquoted * is a YAML alias: "*"; put the whole value in quotes'],
  ],
  [
    'match-unquoted-star',
    ['policies.d/web.yaml:3:20: an unquoted * is a YAML alias: "*.service"; put the whole value in quotes'],
  ],
  [
    'name-empty',
    [
      'policies.d/web.yaml:2:11: "name" is ""; expected text of 1 to 64 characters on one line, no space at either end',
    ],
  ],
  [
    'name-number',
    [
      'policies.d/web.yaml:2:11: "name" is 2024; expected text of 1 to 64 characters on one line, no space at either end',
    ],
  ],
  [
    'name-of-the-built-in',
    ['policies.d/web.yaml:2:11: duplicate policy name "default"; the built-in policy has it'],
  ],
  [
    'name-twice-in-one-file',
    ['policies.d/web.yaml:5:11: duplicate policy name "web"; first used at policies.d/web.yaml:2:11'],
  ],
  [
    'name-twice-in-two-files',
    ['policies.d/20-b.yaml:3:29: duplicate policy name "web"; first used at policies.d/10-a.yaml:2:11'],
  ],
  [
    'name-two-lines',
    [
      'policies.d/web.yaml:2:11: "name" is "web\\n"; expected text of 1 to 64 characters on one line, no space at either end',
    ],
  ],
  [
    'name-yml',
    [
      'flapd.yml:1:1: the name ends in .yml and would not be read; rename it to .yaml',
      'policies.d/mail.yml:1:1: the name ends in .yml and would not be read; rename it to .yaml',
    ],
  ],
  [
    'policies-in-flapd-yaml',
    [
      'flapd.yaml:1:1: unknown key "policies"; expected "listen" or "manager" or "apply" or "backfill" or "sinks"',
    ],
  ],
  ['policies-no-list', ['policies.d/web.yaml:2:3: "policies" is a mapping; expected a list of policies']],
  ['policies-no-value', ['policies.d/web.yaml:1:1: "policies" is empty; expected a list of policies']],
  [
    'policy-no-mapping',
    [
      'policies.d/web.yaml:2:5: an entry of "policies" is "web"; expected a policy such as { name: web, match: nginx }',
    ],
  ],
  [
    'restarts-fraction',
    ['policies.d/web.yaml:4:24: "restarts" is 2.5; expected a whole number from 1 to 1024'],
  ],
  ['restarts-text', ['policies.d/web.yaml:4:24: "restarts" is "5"; expected a whole number from 1 to 1024']],
  [
    'restarts-too-many',
    ['policies.d/web.yaml:4:24: "restarts" is 1025; expected a whole number from 1 to 1024'],
  ],
  ['restarts-zero', ['policies.d/web.yaml:4:24: "restarts" is 0; expected a whole number from 1 to 1024']],
  ['unknown-key', ['policies.d/web.yaml:3:5: unknown key "macth"; did you mean "match"?']],
  [
    'unknown-key-in-flapd-yaml',
    [
      'flapd.yaml:2:1: unknown key "dry_run"; expected "listen" or "manager" or "apply" or "backfill" or "sinks"',
    ],
  ],
  [
    'unknown-keys-everywhere',
    [
      'policies.d/web.yaml:1:1: unknown key "policy"; expected "policies"',
      'policies.d/web.yaml:5:5: unknown key "calmAfter"; did you mean "calm_after"?',
      'policies.d/web.yaml:7:11: unknown key "restart"; did you mean "restarts"?',
      'policies.d/web.yaml:8:24: unknown key "within:2min"; did you mean "within"?',
      'policies.d/web.yaml:9:5: unknown key "zzz"; expected "name" or "match" or "loop" or "calm_after" or "mode" or "remedy" or "notify" or "remind_every"',
    ],
  ],
  [
    'within-forever',
    [
      'policies.d/web.yaml:4:35: "within" is "infinity"; expected a time span above 0 and up to 1w, such as 2min',
    ],
  ],
  [
    'within-missing',
    ['policies.d/web.yaml:5:9: missing key "within"; expected a rule such as { restarts: 5, within: 2min }'],
  ],
  [
    'within-no-time-span',
    [
      'policies.d/web.yaml:4:35: "within" is "2 fortnights": unknown unit "fortnights"; expected a time span above 0 and up to 1w, such as 2min',
    ],
  ],
  [
    'within-too-long',
    [
      'policies.d/web.yaml:4:35: "within" is "7d 1us"; expected a time span above 0 and up to 1w, such as 2min',
    ],
  ],
  [
    'within-zero',
    ['policies.d/web.yaml:4:35: "within" is 0; expected a time span above 0 and up to 1w, such as 2min'],
  ],
  [
    'yaml-anchor',
    ['policies.d/web.yaml:2:5: YAML anchors are refused: "&web"; put a value that starts with & in quotes'],
  ],
  ['yaml-bracket-open', ['policies.d/web.yaml:3:12: this "[" is never closed']],
  ['yaml-bracket-too-many', ['policies.d/web.yaml:3:19: this "]" closes nothing']],
  ['yaml-directive', ['policies.d/web.yaml:1:1: YAML directives are refused; remove this line']],
  [
    'yaml-indented-too-far',
    ['policies.d/web.yaml:2:11: not valid YAML: a value holds ": ", or the next line is indented too far'],
  ],
  ['yaml-key-list', ['policies.d/web.yaml:2:5: not valid YAML: a key that is a list or mapping']],
  ['yaml-quote-open', ['policies.d/web.yaml:2:11: this quote is never closed']],
  ['yaml-tab', ['policies.d/web.yaml:2:1: not valid YAML: Tabs are not allowed as indentation']],
  [
    'yaml-tag',
    ['policies.d/web.yaml:2:11: YAML tags are refused: "!!str"; put a value that starts with ! in quotes'],
  ],
  [
    'yaml-two-documents',
    ['policies.d/web.yaml:4:1: not valid YAML: a second document starts here; expected one for each file'],
  ],
];
