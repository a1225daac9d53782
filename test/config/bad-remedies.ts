/** Mistakes about what a policy does; see `bad-fixtures.ts`. */
export const badRemedies: readonly (readonly [folder: string, problems: readonly string[]])[] = [
  [
    'backoff-from-missing',
    ['policies.d/web.yaml:4:24: missing key "from"; expected auto, off or { from: 5s, to: 5min }'],
  ],
  [
    'backoff-from-zero',
    ['policies.d/web.yaml:4:32: "from" is 0; expected a time span above 0 and up to 1d, such as 5s'],
  ],
  [
    'backoff-list',
    ['policies.d/web.yaml:4:24: "backoff" is a list; expected auto, off or { from: 5s, to: 5min }'],
  ],
  [
    'backoff-span',
    ['policies.d/web.yaml:4:24: "backoff" is "5s"; expected auto, off or { from: 5s, to: 5min }'],
  ],
  [
    'backoff-to-less-than-from',
    ['policies.d/web.yaml:4:42: "to" is "10s", less than "from"; expected at least 5min'],
  ],
  [
    'backoff-to-too-long',
    ['policies.d/web.yaml:4:40: "to" is "2d"; expected a time span above 0 and up to 1d, such as 5min'],
  ],
  ['backoff-unknown-key', ['policies.d/web.yaml:4:26: unknown key "form"; did you mean "from"?']],
  [
    'backoff-word',
    ['policies.d/web.yaml:4:24: "backoff" is "exponential"; expected auto, off or { from: 5s, to: 5min }'],
  ],
  [
    'lifetime-other',
    ['policies.d/web.yaml:4:25: "lifetime" is "forever"; expected runtime (gone at reboot) or persistent'],
  ],
  [
    'many-mistakes-in-one-file',
    [
      'flapd.yaml:1:9: "listen" is 9843; expected HOST:PORT, [IPV6]:PORT in quotes, unix:/PATH or off',
      'flapd.yaml:3:25: unknown key "urll"; did you mean "url"?',
      'flapd.yaml:3:63: "timeout" is "soon": no number at "soon"; expected a time span above 0 and up to 5min, such as 10s',
      'flapd.yaml:4:58: an entry of "to" is "c"; expected a mail address such as ops@example.org',
      'flapd.yaml:4:62: unknown key "password"; did you mean "password_file"?',
      'policies.d/web.yaml:4:11: "mode" is "aply"; expected alert, recommend or apply',
      'policies.d/web.yaml:5:25: "lifetime" is "persistant"; expected runtime (gone at reboot) or persistent',
      'policies.d/web.yaml:5:62: "to" is "1min", less than "from"; expected at least 1h',
      'policies.d/web.yaml:7:19: "remind_every" is "often": no number at "often"; expected a time span from 0 (never) up to 4w, such as 4h',
      'policies.d/web.yaml:6:19: unknown sink "mial"; did you mean "mail"?',
    ],
  ],
  ['mode-no-value', ['policies.d/web.yaml:4:5: "mode" is empty; expected alert, recommend or apply']],
  ['mode-other', ['policies.d/web.yaml:4:11: "mode" is "enforce"; expected alert, recommend or apply']],
  ['mode-true', ['policies.d/web.yaml:4:11: "mode" is true; expected alert, recommend or apply']],
  [
    'notify-bad-name',
    [
      'policies.d/web.yaml:4:14: an entry of "notify" is "ops team"; expected a name of 1 to 64 letters, digits, "_", "-" or "."',
      'policies.d/web.yaml:4:26: an entry of "notify" is ""; expected a name of 1 to 64 letters, digits, "_", "-" or "."',
    ],
  ],
  [
    'notify-mapping',
    [
      'policies.d/web.yaml:4:13: "notify" is a mapping; expected a sink of flapd.yaml, or a list of up to 32 of them',
    ],
  ],
  [
    'notify-number',
    ['policies.d/web.yaml:4:13: "notify" is 5; expected a sink of flapd.yaml, or a list of up to 32 of them'],
  ],
  [
    'notify-unknown-sink',
    [
      'policies.d/web.yaml:4:14: unknown sink "opps"; did you mean "ops"?',
      'policies.d/web.yaml:4:20: unknown sink "pager"; expected "ops" or "mail"',
    ],
  ],
  ['notify-without-sinks', ['policies.d/web.yaml:4:13: unknown sink "ops"; flapd.yaml defines none']],
  [
    'prevent-exit-status-empty-list',
    [
      'policies.d/web.yaml:4:36: "prevent_exit_status" is an empty list; expected auto, off or a list of 1 to 64 exit statuses, such as [1, CONFIG, SIGSEGV]',
    ],
  ],
  [
    'prevent-exit-status-mapping',
    [
      'policies.d/web.yaml:4:36: "prevent_exit_status" is a mapping; expected auto, off or a list of 1 to 64 exit statuses, such as [1, CONFIG, SIGSEGV]',
    ],
  ],
  [
    'prevent-exit-status-misspelt',
    [
      'policies.d/web.yaml:4:37: an entry of "prevent_exit_status" is "CONFGI": systemd has no such name; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV; did you mean "CONFIG"?',
      'policies.d/web.yaml:4:45: an entry of "prevent_exit_status" is "SEGV": systemd writes it "SIGSEGV"; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:51: an entry of "prevent_exit_status" is "sigsegv": systemd writes it "SIGSEGV"; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:60: an entry of "prevent_exit_status" is "NONSUCH": systemd has no such name; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:69: an entry of "prevent_exit_status" is "78": a number in quotes; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
    ],
  ],
  [
    'prevent-exit-status-nested-list',
    [
      'policies.d/web.yaml:4:37: an entry of "prevent_exit_status" is a list; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:45: an entry of "prevent_exit_status" is true; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
    ],
  ],
  [
    'prevent-exit-status-number',
    [
      'policies.d/web.yaml:4:36: "prevent_exit_status" is 1; expected auto, off or a list of 1 to 64 exit statuses, such as [1, CONFIG, SIGSEGV]',
    ],
  ],
  [
    'prevent-exit-status-out-of-range',
    [
      'policies.d/web.yaml:4:37: an entry of "prevent_exit_status" is 0; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:40: an entry of "prevent_exit_status" is 256; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:45: an entry of "prevent_exit_status" is -1; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:49: an entry of "prevent_exit_status" is 1.5; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
    ],
  ],
  [
    'prevent-exit-status-sent-by-systemd',
    [
      'policies.d/web.yaml:4:37: an entry of "prevent_exit_status" is "SIGTERM": systemd sends it itself to stop a service; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:46: an entry of "prevent_exit_status" is "SIGABRT": systemd sends it itself when a service misses its watchdog; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
      'policies.d/web.yaml:4:55: an entry of "prevent_exit_status" is "SIGKILL": systemd sends it itself when a service does not stop in time; expected an exit status from 1 to 255, or a name such as CONFIG or SIGSEGV',
    ],
  ],
  [
    'prevent-exit-status-word',
    [
      'policies.d/web.yaml:5:28: "prevent_exit_status" is "on"; expected auto, off or a list of 1 to 64 exit statuses, such as [1, CONFIG, SIGSEGV]',
    ],
  ],
  [
    'remedy-list',
    [
      'policies.d/web.yaml:5:7: "remedy" is a list; expected a mapping such as { backoff: auto, lifetime: runtime }',
    ],
  ],
  [
    'remedy-no-value',
    [
      'policies.d/web.yaml:4:5: "remedy" is empty; expected a mapping such as { backoff: auto, lifetime: runtime }',
    ],
  ],
  [
    'remedy-unknown-keys',
    [
      'policies.d/web.yaml:5:7: unknown key "prevent_exit_statuses"; did you mean "prevent_exit_status"?',
      'policies.d/web.yaml:6:7: unknown key "lifetme"; did you mean "lifetime"?',
      'policies.d/web.yaml:7:7: unknown key "zzz"; expected "prevent_exit_status" or "backoff" or "start_limit" or "lifetime" or "revert_after"',
    ],
  ],
  [
    'remedy-word',
    [
      'policies.d/web.yaml:4:13: "remedy" is "auto"; expected a mapping such as { backoff: auto, lifetime: runtime }',
    ],
  ],
  [
    'remind-every-negative',
    [
      'policies.d/web.yaml:4:19: "remind_every" is "-4h": a negative time span; expected a time span from 0 (never) up to 4w, such as 4h',
    ],
  ],
  [
    'remind-every-no-time-span',
    [
      'policies.d/web.yaml:4:19: "remind_every" is "daily": no number at "daily"; expected a time span from 0 (never) up to 4w, such as 4h',
    ],
  ],
  [
    'revert-after-never',
    [
      'policies.d/web.yaml:4:29: "revert_after" is "never": no number at "never"; expected a time span from 0 (keep) up to 1y, such as 24h',
    ],
  ],
  [
    'revert-after-too-long',
    [
      'policies.d/web.yaml:4:29: "revert_after" is "2y"; expected a time span from 0 (keep) up to 1y, such as 24h',
    ],
  ],
  ['start-limit-number', ['policies.d/web.yaml:4:28: "start_limit" is 5; expected auto or off']],
];
