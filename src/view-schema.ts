import * as v from 'valibot';

/**
 * Parts of what flapd shows, read back strictly: from the HTTP API, where any program may answer, and from the state file.
 * What is in them ends up on an administrator's terminal.
 */

/** Nothing that moves the cursor, hides or reorders text. */
export const line = v.pipe(v.string(), v.maxLength(4000), v.regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u));
export const amount = v.pipe(v.number(), v.finite(), v.minValue(0));
export const count = v.pipe(amount, v.integer());
export const time = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check((text) => !Number.isNaN(Date.parse(text))),
);

export const exitKind = {
  process: v.exactOptional(line),
  code: v.exactOptional(v.picklist(['exited', 'killed', 'dumped'])),
  status: v.exactOptional(count),
  name: v.exactOptional(line),
  result: line,
};

// More fields are welcome: a newer flapd may have them.
export const exitView = v.looseObject({
  ...exitKind,
  at: time,
  summary: line,
  uptimeSeconds: v.exactOptional(amount),
  invocationId: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))),
  during: v.exactOptional(line),
  requested: v.exactOptional(v.literal(true)),
});

export const evidenceView = v.looseObject({
  exit: v.exactOptional(exitView),
  statusMeaning: v.exactOptional(line),
  cpuSeconds: v.exactOptional(amount),
  memoryPeakBytes: v.exactOptional(amount),
  lines: v.pipe(
    v.array(v.looseObject({ at: time, by: v.picklist(['service', 'systemd']), text: line })),
    v.maxLength(100),
  ),
  linesUnknown: v.exactOptional(line),
  spawnFailure: v.exactOptional(
    v.looseObject({ text: line, errno: v.exactOptional(count), executable: v.exactOptional(line) }),
  ),
  coreDump: v.exactOptional(
    v.looseObject({
      at: time,
      pid: count,
      signal: v.exactOptional(line),
      executable: v.exactOptional(line),
    }),
  ),
  oomKilled: v.boolean(),
  settings: v.pipe(
    v.array(v.looseObject({ section: line, directive: line, value: line, file: line, line: count })),
    v.maxLength(100),
  ),
});

export const changesView = v.pipe(
  v.array(
    v.looseObject({
      at: time,
      kind: v.picklist(['unit-file', 'drop-in', 'executable', 'config', 'package']),
      what: line,
    }),
  ),
  v.maxLength(20),
);
