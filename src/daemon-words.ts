import type { Config } from './config/load.ts';
import { builtInPolicy, type LoopRule } from './core/policy.ts';
import { formatTimeSpan } from './core/time-span.ts';
import { version } from './kit/version.ts';

/** What `systemctl status` shows. */
export interface StatusFacts {
  readonly connected: boolean;
  readonly units: number;
  /** Units that loop. */
  readonly loops: readonly string[];
  /** The files hold another configuration than the one in force, and can't be used. */
  readonly configBroken: boolean;
}

/** One line: "Watching 23 services; 1 loop: logstash.service". */
export function statusLine({ connected, units, loops, configBroken }: StatusFacts): string {
  if (!connected) return 'Not connected to systemd; connecting again';
  const first = [...loops].sort().slice(0, 3).join(', ');
  const named = first + (loops.length > 3 ? `, and ${loops.length - 3} more` : '');
  const state =
    loops.length === 0 ? 'no loop' : `${loops.length} ${loops.length === 1 ? 'loop' : 'loops'}: ${named}`;
  const config = configBroken ? '; the configuration has problems, the last good one is in force' : '';
  return `Watching ${units} services; ${state}${config}`;
}

/** What is in force, in one line: the first thing an operator wants to see in the journal. */
export function startSentence(config: Config, count: number, systemd: string, listening: string): string {
  const { loop, calmAfterMs } = builtInPolicy;
  return (
    `flapd ${version} watches ${count} services of systemd ${systemd} (${config.manager} manager) under ${policyWords(config)}: ` +
    `${loop.map(ruleWords).join(', or ')} is a loop, ${formatTimeSpan(calmAfterMs)} of stable uptime ends it; ` +
    `${deedWords(config)}, and tells the log${sinkWords(config)}; metrics and status on ${listening}.`
  );
}

/** Whether any unit may be changed: by this host's switch, by a policy, and only of the system. */
export function mayApply({ apply, manager }: Pick<Config, 'apply' | 'manager'>): boolean {
  return apply === 'on' && manager === 'system';
}

/** What a policy asks for that this flapd does not do. */
export function noApplySentence({ apply, manager, policies }: Config): string | undefined {
  const names = policies.filter(({ mode }) => mode === 'apply').map(({ name }) => `"${name}"`);
  if (names.length === 0) return undefined;
  const policy = names.length === 1 ? `Policy ${names[0]} says` : `Policies ${names.join(', ')} say`;
  if (manager === 'user') return `${policy} apply, but units of a user are not changed: flapd only observes.`;
  return apply === 'off'
    ? `${policy} apply, but flapd.yaml says "apply: off": flapd only observes.`
    : undefined;
}

/** What it does about a loop beside telling. */
function deedWords(config: Config): string {
  const applying = config.policies.filter(({ mode }) => mode === 'apply').map(({ name }) => `"${name}"`);
  if (applying.length === 0 || !mayApply(config)) return 'it only observes';
  const named =
    applying.slice(0, 3).join(', ') + (applying.length > 3 ? ` and ${applying.length - 3} more` : '');
  return `it applies remedies where ${applying.length === 1 ? 'policy' : 'policies'} ${named} ${applying.length === 1 ? 'says' : 'say'} so`;
}

export function reloadSentence(config: Config): string {
  return `The new configuration is in force: ${policyWords(config)}; flapd tells the log${sinkWords(config)}.`;
}

/** What is hardly meant stops nothing and is not urgent: whoever asks is shown it. */
export function warningsSentence({ warnings }: Config): string | undefined {
  if (warnings.length === 0) return undefined;
  return `Something in the configuration is hardly meant (${warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`}): see "flapd check".`;
}

function policyWords({ policies }: Config): string {
  const own = policies.length - 1;
  return own === 0
    ? 'the built-in policy'
    : `${own} ${own === 1 ? 'policy' : 'policies'} and the built-in one`;
}

/** ", ops and mail" */
function sinkWords({ sinks }: Config): string {
  const names = Object.keys(sinks);
  const last = names.at(-1);
  if (last === undefined) return '';
  const others = names.slice(0, -1).map((name) => `, ${name}`);
  return `${others.join('')} and ${last}`;
}

function ruleWords({ restarts, withinMs }: LoopRule): string {
  return `${restarts} restarts within ${formatTimeSpan(withinMs)}`;
}
