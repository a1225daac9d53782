/** Mistakes under `sinks:`; see `bad-fixtures.ts`. */
export const badSinks: readonly (readonly [folder: string, problems: readonly string[]])[] = [
  [
    'alertmanager-labels-bad',
    [
      'flapd.yaml:5:25: "severity" is 1; expected text',
      'flapd.yaml:5:28: the key "2nd"; expected a label name: letters, digits and "_", no digit first',
      'flapd.yaml:5:42: "team" is ""; expected text',
    ],
  ],
  [
    'alertmanager-labels-list',
    ['flapd.yaml:2:67: "labels" is a list; expected a mapping such as { severity: page }'],
  ],
  [
    'email-addresses-bad',
    [
      'flapd.yaml:5:11: "from" is "Ops <ops@example.org>"; expected a mail address such as ops@example.org',
      'flapd.yaml:6:10: an entry of "to" is "ops"; expected a mail address such as ops@example.org',
      'flapd.yaml:6:15: an entry of "to" is "a@b,c"; expected a mail address such as ops@example.org',
      'flapd.yaml:6:24: an entry of "to" is "a b@c"; expected a mail address such as ops@example.org',
      'flapd.yaml:6:33: an entry of "to" is "a@b@c"; expected a mail address such as ops@example.org',
      'flapd.yaml:6:42: an entry of "to" is "ops@"; expected a mail address such as ops@example.org',
    ],
  ],
  [
    'email-keys-missing',
    [
      'flapd.yaml:2:9: missing key "smtp"; expected a sink such as { type: email, smtp: "smtp://127.0.0.1:25", from: flapd@host, to: ops@example.org }',
      'flapd.yaml:2:9: missing key "from"; expected a sink such as { type: email, smtp: "smtp://127.0.0.1:25", from: flapd@host, to: ops@example.org }',
      'flapd.yaml:2:9: missing key "to"; expected a sink such as { type: email, smtp: "smtp://127.0.0.1:25", from: flapd@host, to: ops@example.org }',
    ],
  ],
  [
    'email-smtp-bad',
    [
      'flapd.yaml:2:27: "smtp" is "127.0.0.1:25": no smtp:// at its start; expected smtp://HOST:PORT or smtps://HOST:PORT',
      'flapd.yaml:3:27: "smtp" is "http://127.0.0.1": its scheme is "http"; expected smtp://HOST:PORT or smtps://HOST:PORT',
      'flapd.yaml:4:27: "smtp" is "smtp://": no host; expected smtp://HOST:PORT or smtps://HOST:PORT',
      'flapd.yaml:5:27: "smtp" is "smtp://mail.example.org/inbox": text after its host and port; expected smtp://HOST:PORT or smtps://HOST:PORT',
    ],
  ],
  [
    'email-smtp-with-password',
    [
      'flapd.yaml:2:30: "smtp" is "smtp://*************@mail.example.org:587": it holds a password, which belongs in password_file; expected smtp://HOST:PORT or smtps://HOST:PORT',
    ],
  ],
  [
    'email-to-empty-list',
    ['flapd.yaml:2:68: "to" is an empty list; expected a mail address, or a list of 1 to 32 of them'],
  ],
  [
    'exec-command-empty',
    [
      'flapd.yaml:2:32: "command" is an empty list; expected a list of an absolute path and its arguments, such as [/usr/local/bin/page, flapd]',
    ],
  ],
  ['exec-command-number', ['flapd.yaml:2:54: an entry of "command" is 5; expected text']],
  [
    'exec-command-relative',
    [
      'flapd.yaml:2:33: an entry of "command" is "page": no absolute path; expected the program first, such as /usr/local/bin/page',
    ],
  ],
  [
    'exec-command-text',
    [
      'flapd.yaml:2:32: "command" is "/usr/local/bin/page --now"; expected a list of an absolute path and its arguments, such as [/usr/local/bin/page, flapd]',
    ],
  ],
  [
    'sink-key-of-another-type',
    [
      'flapd.yaml:2:58: unknown key "labels"; expected "type" or "url" or "headers_file" or "format" or "timeout"',
      'flapd.yaml:2:76: unknown key "header_file"; did you mean "headers_file"?',
    ],
  ],
  [
    'sink-list',
    [
      'flapd.yaml:3:5: "ops" is a list; expected a sink such as { type: webhook, url: "https://example.org/hook" }',
    ],
  ],
  [
    'sink-name-bad',
    [
      'flapd.yaml:2:3: the key "ops team"; expected a name of 1 to 64 letters, digits, "_", "-" or "."',
      'flapd.yaml:3:3: the key ""; expected a name of 1 to 64 letters, digits, "_", "-" or "."',
    ],
  ],
  [
    'sink-name-of-javascript',
    [
      'flapd.yaml:2:3: "constructor" can\'t be a name here; expected another',
      'flapd.yaml:3:3: "__proto__" can\'t be a name here; expected another',
    ],
  ],
  ['sink-name-twice', ['flapd.yaml:3:3: duplicate key "ops"; first used at 2:3']],
  [
    'sink-no-value',
    [
      'flapd.yaml:2:3: "ops" is empty; expected a sink such as { type: webhook, url: "https://example.org/hook" }',
    ],
  ],
  [
    'sink-type-missing',
    ['flapd.yaml:2:8: missing key "type"; expected webhook, alertmanager, email or exec'],
  ],
  ['sink-type-misspelt-key', ['flapd.yaml:2:10: unknown key "tpye"; did you mean "type"?']],
  [
    'sink-type-other',
    [
      'flapd.yaml:2:16: "type" is "slack"; expected webhook, alertmanager, email or exec',
      'flapd.yaml:2:56: unknown key "zzz"; expected "type" or "url" or "headers_file" or "format" or "timeout" or "labels" or "smtp" or "password_file" or "from" or "to" or "command"',
    ],
  ],
  [
    'sink-url-alone',
    [
      'flapd.yaml:2:8: "ops" is "https://example.org/hook"; expected a sink such as { type: webhook, url: "https://example.org/hook" }',
    ],
  ],
  ['sinks-list', ['flapd.yaml:2:3: "sinks" is a list; expected a mapping of names to sinks']],
  ['sinks-no-value', ['flapd.yaml:1:1: "sinks" is empty; expected a mapping of names to sinks']],
  ['sinks-too-many', ['flapd.yaml:2:3: "sinks" is a mapping; expected at most 32 sinks']],
  ['sinks-word', ['flapd.yaml:1:8: "sinks" is "none"; expected a mapping of names to sinks']],
  [
    'timeout-too-long',
    ['flapd.yaml:2:54: "timeout" is "6min"; expected a time span above 0 and up to 5min, such as 10s'],
  ],
  [
    'timeout-zero',
    ['flapd.yaml:2:54: "timeout" is 0; expected a time span above 0 and up to 5min, such as 10s'],
  ],
  ['webhook-format-other', ['flapd.yaml:2:66: "format" is "teams"; expected json, slack, discord or ntfy']],
  [
    'webhook-headers-file-relative',
    ['flapd.yaml:2:72: "headers_file" is "ops.headers"; expected an absolute path of a file'],
  ],
  ['webhook-headers-inline', ['flapd.yaml:5:5: unknown key "headers"; did you mean "headers_file"?']],
  [
    'webhook-url-bad',
    [
      'flapd.yaml:2:28: "url" is "example.org/hook": no http:// at its start; expected an http:// or https:// URL',
      'flapd.yaml:3:28: "url" is "ftp://example.org": its scheme is "ftp"; expected an http:// or https:// URL',
      'flapd.yaml:4:28: "url" is "https://": no host; expected an http:// or https:// URL',
      'flapd.yaml:5:28: "url" is "https://exa mple.org": a space in it; expected an http:// or https:// URL',
      'flapd.yaml:6:28: "url" is 9093; expected an http:// or https:// URL',
      'flapd.yaml:7:28: "url" is "https://example.org:99999": no URL; expected an http:// or https:// URL',
    ],
  ],
  [
    'webhook-url-missing',
    [
      'flapd.yaml:2:8: missing key "url"; expected a sink such as { type: webhook, url: "https://example.org/hook" }',
    ],
  ],
  [
    'webhook-url-with-password',
    [
      'flapd.yaml:2:30: "url" is "https://*************@example.org/hook": it holds a user name or password, which belong in headers_file; expected an http:// or https:// URL',
    ],
  ],
];
