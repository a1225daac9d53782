/** `restarts` within `withinMs` make a loop; automatic and external restarts count alike. */
export interface LoopRule {
  /** 1 to {@link maxRuleRestarts}. */
  readonly restarts: number;
  readonly withinMs: number;
}

/** What applies to the units that `match` names. The first policy that fits a unit is its policy. */
export interface Policy {
  readonly name: string;
  /** Unit name globs: `*` any run of characters, `?` one, `[…]` one of a set, as systemd's own patterns (fnmatch). */
  readonly match: readonly string[];
  /** Any rule that holds opens an incident. */
  readonly loop: readonly LoopRule[];
  /** Stable uptime that closes an incident; twice the loop's own period where that is longer. */
  readonly calmAfterMs: number;
  readonly mode: Mode;
  readonly remedy: RemedySettings;
  /** Sinks that are told, by name; undefined: every sink there is. The log is always told. */
  readonly notify: readonly string[] | undefined;
  /** How often an open incident is told again; 0 for never. */
  readonly remindEveryMs: number;
}

/** What flapd may do about a loop: tell, also advise, or also change the unit. */
export type Mode = 'alert' | 'recommend' | 'apply';

/** What a remedy may be made of, where `mode` is `apply`, and how long it stays. */
export interface RemedySettings {
  /** A list holds exit statuses and signal names, in systemd's spelling or as numbers. */
  readonly preventExitStatus: 'auto' | 'off' | readonly (string | number)[];
  readonly backoff: 'auto' | 'off' | { readonly fromMs: number; readonly toMs: number };
  readonly startLimit: 'auto' | 'off';
  /** Under /run, gone at reboot, or under /etc. */
  readonly lifetime: 'runtime' | 'persistent';
  /** 0 keeps it. */
  readonly revertAfterMs: number;
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** A rule asks for at most this many restarts: as many as a unit's window keeps one by one. */
export const maxRuleRestarts = 1024;

/** The last policy of every configuration: it fits every unit. */
export const builtInPolicy: Policy = {
  name: 'default',
  match: ['*'],
  loop: [
    { restarts: 5, withinMs: 2 * minuteMs },
    { restarts: 10, withinMs: hourMs },
    { restarts: 24, withinMs: 24 * hourMs },
  ],
  calmAfterMs: 10 * minuteMs,
  mode: 'recommend',
  remedy: {
    preventExitStatus: 'auto',
    backoff: 'auto',
    startLimit: 'auto',
    lifetime: 'runtime',
    revertAfterMs: 24 * hourMs,
  },
  notify: undefined,
  remindEveryMs: 4 * hourMs,
};
