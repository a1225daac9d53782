export interface Option {
  readonly name: string;
  /** One letter that does as well. */
  readonly short?: string;
  /** Name of its value; undefined for a switch. */
  readonly value?: string;
  readonly does: string;
}

/** One command of the executable. Help and flapd(8) are made from this table. */
export interface Verb {
  readonly name:
    | 'run'
    | 'status'
    | 'explain'
    | 'apply'
    | 'trace'
    | 'revert'
    | 'history'
    | 'advise'
    | 'replay'
    | 'silence'
    | 'unsilence'
    | 'notify-test'
    | 'check'
    | 'lint';
  readonly does: string;
  readonly operands?: string;
  readonly options: readonly Option[];
  /** What its exit codes mean beside 0, fine, and 2, wrong usage or configuration. */
  readonly exits: { readonly 1?: string; readonly 3?: string };
}

const config: Option = {
  name: 'config',
  value: 'DIR',
  does: 'read flapd.yaml and policies.d/*.yaml from DIR (default: /etc/flapd)',
};
const user: Option = { name: 'user', does: "look at the user's own service manager instead of the system's" };
const bus: Option = { name: 'bus', value: 'ADDRESS', does: 'use this D-Bus address (unix:path=…)' };

/** Every verb has it; parseArgv answers it. */
export const helpOption: Option = { name: 'help', short: 'h', does: 'show this' };

const noSystemd = "systemd can't be reached";
const noJournal = "the journal can't be read";
const noSilences = "silences can't be read or written";

const since: Option = { name: 'since', value: 'SPAN', does: 'look back so far, such as 12h (default: 7d)' };
const sinceOfAny: Option = {
  ...since,
  does: 'look back so far, such as 12h (default: 7d; of a FILE or DIR, all of it)',
};

export const verbs: readonly Verb[] = [
  {
    name: 'run',
    does: 'watch systemd and report restart loops; the daemon, in the foreground',
    options: [
      config,
      user,
      bus,
      { name: 'log-level', value: 'LEVEL', does: 'debug, info, warn or error (default: info)' },
    ],
    exits: { 1: 'its port or socket is in use', 3: noSystemd },
  },
  {
    name: 'status',
    does: 'show the services that loop or are about to; exits 1 if one loops',
    operands: '[UNIT…]',
    options: [
      { name: 'all', does: 'show every service that restarted or failed' },
      { name: 'json', does: 'print JSON: an array of units' },
      {
        name: 'watch',
        does: 'keep showing it until interrupted; not on a terminal, whenever something changes',
      },
      config,
      user,
      bus,
    ],
    exits: { 1: 'a service loops or was given up', 3: noSystemd },
  },
  {
    name: 'explain',
    does: 'say why the last run of a service died, with the proof, and what changed before; exits 1 if it loops',
    operands: 'UNIT',
    options: [
      { name: 'json', does: 'print JSON: an object with last exit, evidence, causes, advice and changes' },
      config,
      user,
      bus,
    ],
    exits: { 1: 'it loops or was given up', 3: noSystemd },
  },
  {
    name: 'trace',
    does: 'attach strace to the next run of a service, and show what it did and which calls failed before it died',
    operands: 'UNIT',
    options: [
      { name: 'for', value: 'SPAN', does: 'trace for at most so long (default: 30s)' },
      { name: 'wait', value: 'SPAN', does: 'wait for the next start at most so long (default: 10min)' },
      { name: 'json', does: 'print JSON: an object with the failed calls and the counts' },
      config,
      user,
      bus,
    ],
    exits: { 1: 'nothing was traced', 3: noSystemd },
  },
  {
    name: 'history',
    does: 'list each end of a run of a service, its incidents and what flapd did about them, from the journal',
    operands: 'UNIT',
    options: [
      since,
      { name: 'json', does: 'print JSON: an array of exits, incidents and remedies' },
      config,
      user,
    ],
    exits: { 3: noJournal },
  },
  {
    name: 'advise',
    does: 'say what to change about the restarts of a service, and why, or why nothing; writes nothing',
    operands: '[UNIT…]',
    options: [
      { name: 'print', does: 'print the drop-in alone, for `systemctl edit --stdin UNIT`; exits 1 if none' },
      since,
      { name: 'json', does: 'print JSON: the advice on one UNIT, or an array' },
      config,
      user,
      bus,
    ],
    exits: {
      1: 'something should change',
      3: noSystemd,
    },
  },
  {
    name: 'replay',
    does: 'show which incidents these policies would have opened, from the journal or `journalctl -o json`',
    operands: '[FILE|-]',
    options: [
      sinceOfAny,
      { name: 'directory', short: 'D', value: 'DIR', does: 'read the journal files in DIR' },
      { name: 'json', does: 'print JSON: an object of units and incidents' },
      config,
      user,
    ],
    exits: { 3: noJournal },
  },
  {
    name: 'apply',
    does: 'do what `flapd advise` says of a service, as root: guarded, verified, read back; `flapd revert` undoes it',
    operands: 'UNIT',
    options: [
      { name: 'dry-run', does: 'go all the way, say what would be done, and write nothing; as any user' },
      { name: 'runtime', does: 'until the next reboot, in /run (default: what its policy says)' },
      { name: 'persistent', does: 'beyond a reboot, in /etc' },
      since,
      { name: 'json', does: 'print JSON: a remedy' },
      config,
      bus,
    ],
    exits: { 1: 'it was not applied', 3: noSystemd },
  },
  {
    name: 'revert',
    does: 'take back what flapd wrote for services, and nothing else; systemd reloads once, and is read back',
    operands: '[UNIT…]',
    options: [
      { name: 'all', does: 'take back all that flapd wrote on this host' },
      { name: 'dry-run', does: 'say what would be done, and do nothing' },
      { name: 'json', does: 'print JSON: an array of remedies' },
      config,
      bus,
    ],
    exits: { 1: 'something was left as it was', 3: noSystemd },
  },
  {
    name: 'silence',
    does: 'tell nobody of services under maintenance for a while, or list which ones; patterns such as web@* do',
    operands: '[UNIT…]',
    options: [
      { name: 'for', value: 'SPAN', does: 'for so long, such as 2h; at most 30d' },
      { name: 'reason', value: 'TEXT', does: 'why, for whoever sees the list' },
      { name: 'json', does: 'print JSON: an array of silences' },
      config,
      user,
      bus,
    ],
    exits: { 1: noSilences },
  },
  {
    name: 'unsilence',
    does: 'end the silence of services, or of all that fit a pattern',
    operands: '[UNIT…]',
    options: [{ name: 'all', does: 'end every silence' }, config, user, bus],
    exits: { 1: noSilences },
  },
  {
    name: 'notify-test',
    does: 'send a marked sample to one sink or all of them; exits 1 if one was not told',
    operands: '[SINK]',
    options: [{ name: 'json', does: 'print JSON: an array of what came of each sink' }, config],
    exits: { 1: 'a sink was not told' },
  },
  {
    name: 'check',
    does: 'validate the configuration; exits 2 where it has an error',
    operands: '[DIR|FILE…]',
    options: [
      { name: 'unit', value: 'NAME', does: 'show the policy of this unit, and where each value comes from' },
      { name: 'json', does: 'print JSON: an object of problems and the policy' },
      user,
      bus,
    ],
    exits: {},
  },
  {
    name: 'lint',
    does: "find brakes that can't work, in the unit files of every installed service; exits 1 if it finds one",
    operands: '[UNIT…]',
    options: [
      {
        name: 'severity',
        value: 'LEVEL',
        does: 'show only what is at least so bad: error, warning or info (default: info)',
      },
      { name: 'since', value: 'SPAN', does: 'take what services did for so long into account (default: 7d)' },
      { name: 'json', does: 'print JSON: an array of findings' },
      config,
      user,
      bus,
    ],
    exits: { 1: 'something was found', 3: noSystemd },
  },
];
