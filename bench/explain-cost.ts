import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { labNode, type Lab } from '../test/lab/lab.ts';

/** What looking into incidents costs the daemon on a machine that has other things to do, and how soon it knows the cause. */
export interface ExplainCost {
  readonly incidents: number;
  /** From the exit that completes the rule to the line that names the cause, of the slowest; by the journal's own clock. */
  readonly exitToCauseMs: number;
  /** The longest that flapd's event loop was held up, but for what it waited for a CPU to be free. */
  readonly stallMs: number;
  /** With that. */
  readonly stallInAllMs: number;
  /** The longest that a Node which does nothing waited at the same time. */
  readonly bareInAllMs: number;
}

const units = 6;
/** As many again as there are CPUs: each of them is wanted by two. */
const busy = 2 * cpus().length;

/**
 * Required ahead of the program: each 2 ms it looks how long its turn was in coming, and how much of that its thread was
 * ready to run while the CPUs were others' (/proc/PID/schedstat: time on CPU, time in the run queue). Kept is the longest
 * of each second.
 */
const meter = `const { openSync, readSync, writeFileSync } = require('node:fs');
const file = openSync('/proc/thread-self/schedstat');
const buffer = Buffer.alloc(128);
const waited = () => Number(buffer.toString('latin1', 0, readSync(file, buffer, 0, 128, 0)).split(' ')[1]) / 1e6;
const seconds = new Map();
let last = { at: performance.now(), waited: waited() };
setInterval(() => {
  const now = { at: performance.now(), waited: waited() };
  const inAllMs = now.at - last.at - 2;
  const ownMs = Math.max(0, inAllMs - (now.waited - last.waited));
  const second = Math.floor(Date.now() / 1000);
  const before = seconds.get(second) ?? { ownMs: 0, inAllMs: 0 };
  seconds.set(second, { ownMs: Math.max(ownMs, before.ownMs), inAllMs: Math.max(inAllMs, before.inAllMs) });
  last = now;
}, 2).unref();
process.on('exit', () => writeFileSync('/run/stalls.' + process.env.STALLS, JSON.stringify([...seconds])));
`;
const meterFile = '/usr/local/lib/stall-meter.cjs';

export async function explainCost(lab: Lab): Promise<ExplainCost> {
  await lab.writeFile(meterFile, meter);
  const measured = (name: string): string =>
    `[Service]\nEnvironment=STALLS=${name} NODE_OPTIONS=--require=${meterFile}\n`;
  const bare = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e9)`;
  await lab.addUnits({
    'flapd.service.d/stalls.conf': measured('flapd'),
    'stall-bare.service': `${measured('bare')}ExecStart=${labNode(lab.root)} -e "${bare}"\n`,
    'busy@.service': `[Service]\nExecStart=/bin/sh -c 'while :; do :; done'\n`,
    ...Object.fromEntries(Array.from({ length: units }, (_, index) => [unitName(index), dying(index)])),
  });
  await lab.systemctl('restart', 'flapd.service', 'stall-bare.service');
  const load = Array.from({ length: busy }, (_, index) => `busy@${index}.service`);
  await lab.systemctl('start', ...load);
  // What the start held up is not of the incidents.
  const sinceSecond = Math.ceil(Date.now() / 1000);
  await sleep(1000);
  for (let index = 0; index < units; index += 1) {
    await lab.systemctl('start', '--no-block', unitName(index));
    await untilExplained(lab, unitName(index), sinceSecond);
  }
  const entries = await journalOf(lab, sinceSecond);
  await lab.systemctl('stop', ...load, ...Array.from({ length: units }, (_, index) => unitName(index)));
  await lab.systemctl('stop', 'flapd.service', 'stall-bare.service');
  const [own, beside] = [await stalls(lab, 'flapd', sinceSecond), await stalls(lab, 'bare', sinceSecond)];
  await lab.addUnits({ 'flapd.service.d/stalls.conf': '' });
  await lab.systemctl('start', 'flapd.service');
  return {
    incidents: units,
    exitToCauseMs: Math.max(
      ...Array.from({ length: units }, (_, index) => delayOf(entries, unitName(index))),
    ),
    stallMs: own.ownMs,
    stallInAllMs: own.inAllMs,
    bareInAllMs: beside.inAllMs,
  };
}

async function untilExplained(lab: Lab, unit: string, sinceSecond: number): Promise<void> {
  for (const untilMs = Date.now() + 60_000; Date.now() < untilMs; await sleep(500))
    if ((await journalOf(lab, sinceSecond)).some(isExplained(unit))) return;
  throw new Error(`flapd did not look into ${unit} within a minute`);
}

const unitName = (index: number): string => `dying${index}.service`;

/** Each dies in a way of its own, or they would be one incident. */
function dying(index: number): string {
  const script = `for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo "line $i of what it does before it dies"; done; echo "cat: /etc/none-${index}/app.conf: No such file or directory" >&2; exit ${index + 3}`;
  return `[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/bin/sh -c '${script}'\nRestart=on-failure\nRestartSec=300ms\n`;
}

interface Entry {
  readonly atMs: number;
  /** Whose process has exited; undefined where the entry is flapd's. */
  readonly exited: string | undefined;
  readonly message: string;
}

async function journalOf(lab: Lab, sinceSecond: number): Promise<readonly Entry[]> {
  const script = `journalctl -q -o json --since=@${sinceSecond} --output-fields=MESSAGE,UNIT _PID=1 MESSAGE_ID=98e322203f7a4ed290d09fe03c09fe15 + _SYSTEMD_UNIT=flapd.service`;
  const { stdout } = await lab.exec(['sh', '-c', script]);
  return stdout
    .split('\n')
    .filter((text) => text !== '')
    .map((text) => {
      const { MESSAGE = '', UNIT, __MONOTONIC_TIMESTAMP } = JSON.parse(text) as Record<string, string>;
      return { atMs: Number(__MONOTONIC_TIMESTAMP) / 1000, exited: UNIT, message: MESSAGE };
    });
}

const isExplained =
  (unit: string) =>
  ({ exited, message }: Entry): boolean =>
    exited === undefined && message.includes('"event":"explained"') && message.includes(`"unit":"${unit}"`);

/** The rule is five restarts in two minutes: the fifth exit brings the fifth of them. */
function delayOf(entries: readonly Entry[], unit: string): number {
  const fifth = entries.filter(({ exited }) => exited === unit)[4];
  const explained = entries.find(isExplained(unit));
  return (explained?.atMs ?? NaN) - (fifth?.atMs ?? NaN);
}

/** The longest since then. */
async function stalls(
  lab: Lab,
  name: string,
  sinceSecond: number,
): Promise<{ ownMs: number; inAllMs: number }> {
  const { stdout } = await lab.exec(['cat', `/run/stalls.${name}`]);
  const seconds = JSON.parse(stdout) as readonly (readonly [number, { ownMs: number; inAllMs: number }])[];
  const since = seconds.flatMap(([second, longest]) => (second >= sinceSecond ? [longest] : []));
  return {
    ownMs: Math.max(...since.map(({ ownMs }) => ownMs)),
    inAllMs: Math.max(...since.map(({ inAllMs }) => inAllMs)),
  };
}
