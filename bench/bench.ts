import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootLab, flapdInLab, labNode, type Lab } from '../test/lab/lab.ts';
import { labMeans } from '../test/lab/means.ts';
import { explainCost } from './explain-cost.ts';
import { replayCost } from './replay.ts';
import { fineCpuSeconds, hostPidOf, residentOf, type Resident } from './process-cost.ts';

/**
 * What flapd costs, beside what it is compared with, in one run on one machine: only ratios mean anything. Numbers of the
 * design that need hours or a second product are not in here.
 */

const line = (text = ''): boolean => process.stdout.write(`${text}\n`);

/** What was to hold and whether it did; undefined where this machine can't tell. */
interface Bar {
  readonly text: string;
  readonly holds: boolean | undefined;
}
const judged: { readonly what: string; readonly holds: boolean | undefined }[] = [];

function row(what: string, value: string, beside: string, bar?: Bar): void {
  const mark = bar === undefined ? '' : bar.holds === undefined ? '?' : bar.holds ? 'holds' : 'MISSED';
  const notes = [beside, ...(bar === undefined ? [] : [`bar ${bar.text}`])].filter((note) => note !== '');
  line(`${mark.padEnd(6)} ${what.padEnd(54)} ${value.padStart(12)}   ${notes.join('; ')}`);
  if (bar !== undefined) judged.push({ what, holds: bar.holds });
}

function summary(): void {
  const missed = judged.filter(({ holds }) => holds === false);
  const open = judged.filter(({ holds }) => holds === undefined);
  line(`${judged.length - missed.length - open.length} of ${judged.length} bars hold`);
  for (const { what } of missed) line(`  missed: ${what}`);
  for (const { what } of open) line(`  not judged here: ${what}`);
}

const cpu = (pid: number): number => fineCpuSeconds(pid, readdirSync(`/proc/${pid}/task`));

const flapper = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh -c 'exit 3'
Restart=on-failure
RestartSec=500ms
`;
const quiet = `[Service]
ExecStart=/bin/sleep infinity
`;

/** As it is shipped; the bare Node beside it has none. */
const [environment = ''] =
  /^Environment=.*$/m.exec(readFileSync('contrib/systemd/flapd.service', 'utf8')) ?? [];

function flapdUnit(lab: Lab): string {
  return `[Service]\nType=notify\n${environment}\nExecStart=${labNode(lab.root)} ${flapdInLab} run\n`;
}

async function startQuiet(lab: Lab, count: number): Promise<void> {
  const names = Array.from({ length: count }, (_, index) => `quiet${index}.service`);
  await lab.addUnits(Object.fromEntries(names.map((name) => [name, quiet])));
  for (let from = 0; from < count; from += 250)
    await lab.systemctl('start', ...names.slice(from, from + 250));
}

async function memory(lab: Lab): Promise<void> {
  await startQuiet(lab, 500);
  await lab.addUnits({
    'flapd.service': flapdUnit(lab),
    'bare.service': `[Service]\nExecStart=${labNode(lab.root)} -e 'setInterval(()=>{},1e9)'\n`,
  });
  await lab.systemctl('start', 'flapd.service', 'bare.service');
  await sleep(10_000);
  await rowOfMemory(lab, 'resident memory, 500 services, idle');
}

const mostTimesBare = 1.4;

/**
 * Idle it holds. After loops it does not, on Node 20 by 7 MB; MB resident, by /proc/PID/smaps and V8's own count:
 *
 *                                      bare   idle   after 20 loops
 *   pages of Node's program              32     37     41    4 of them V8's optimising compiler
 *   old generation, large objects         3      7     11    8.5 live: 1 of code's text, 4 of what V8 made of it
 *   nursery                               1      1      2    (--semi-space-growth-factor: else 4)
 *   machine code                        0.3    0.5    1.5
 *   malloc, and all else                  3      3      6    memory of the compiler's threads
 *
 * Without the optimising compiler it is 55 MB, 1.41 times, but a restart then costs 600 µs instead of 350, for as long as
 * something loops: 0.30 of PID 1's. All on one thread is a flag of the command line only.
 */
async function rowOfMemory(lab: Lab, what: string): Promise<void> {
  const bare = residentOf(await hostPidOf(lab, 'bare.service'));
  const flapd = residentOf(await hostPidOf(lab, 'flapd.service'));
  const parts = ({ anonymous, ofFiles }: Resident): string =>
    `${anonymous.toFixed(1)} anonymous, ${ofFiles.toFixed(1)} of files`;
  row(
    what,
    `${flapd.megabytes.toFixed(1)} MB`,
    `${(flapd.megabytes / bare.megabytes).toFixed(2)} × bare node (${parts(flapd)}; bare ${parts(bare)})`,
    { text: `${mostTimesBare} ×`, holds: flapd.megabytes <= mostTimesBare * bare.megabytes },
  );
}

/** By the bus itself: what flapd's connection calls in ten seconds in which no unit does anything. */
async function silence(lab: Lab): Promise<void> {
  const script = `
    pid=$(systemctl show --property=MainPID --value flapd.service)
    name=$(busctl list --no-legend | awk -v pid="$pid" '$2 == pid && /^:/ { print $1 }')
    timeout 10 busctl monitor --match="type='method_call',sender='$name'" --json=short | wc -l`;
  const { stdout } = await lab.exec(['sh', '-c', script], { timeoutMs: 60_000 });
  const calls = Number(stdout.trim() || Number.NaN);
  row('D-Bus calls in 10 s in which nothing changes', String(calls), '', {
    text: 'none',
    holds: calls === 0,
  });
}

async function cycles(lab: Lab): Promise<void> {
  const names = Array.from({ length: 20 }, (_, index) => `flap${index}.service`);
  await lab.addUnits(Object.fromEntries(names.map((name) => [name, flapper])));
  await lab.systemctl('start', '--no-block', ...names);
  await sleep(10_000);
  await rowOfCycles(lab, 'CPU per restart cycle, V8 still compiling');
  await sleep(60_000);
  await rowOfCycles(lab, 'CPU per restart cycle, a minute and a half on');
  await lab.systemctl('stop', ...names);
  const counted = await restarts(lab);
  const { systemd, entries } = await scheduledRestarts(lab);
  row('restarts counted', String(counted), `${systemd} by systemd, ${entries} of them in the journal`, {
    text: 'all',
    holds: counted === systemd,
  });
  await rowOfMemory(lab, 'resident memory after two minutes of 20 loops');
}

/** Of PID 1's own, the same cycles at the same time. */
const mostOfManager = 0.25;

async function rowOfCycles(lab: Lab, what: string): Promise<void> {
  const flapd = await hostPidOf(lab, 'flapd.service');
  const bus = await hostPidOf(lab, 'dbus.service');
  const pids = [flapd, lab.leader, bus];
  const before = pids.map(cpu);
  const restartsBefore = await restarts(lab);
  await sleep(20_000);
  const spent = pids.map((pid, index) => cpu(pid) - (before[index] ?? 0));
  const count = (await restarts(lab)) - restartsBefore;
  const [own = 0, one = 1, daemon = 0] = spent.map((seconds) => (seconds / count) * 1e6);
  row(
    `${what} (${count} in 20 s)`,
    `${own.toFixed(0)} µs`,
    `${(own / one).toFixed(2)} × PID 1 (${one.toFixed(0)} µs; dbus-daemon ${daemon.toFixed(0)} µs)`,
    { text: '1/4', holds: own <= mostOfManager * one },
  );
}

/**
 * By the number that PID 1 writes with each: where the journal can't keep up, PID 1 does not wait for it, and an entry is
 * missing that its successors count.
 */
async function scheduledRestarts(lab: Lab): Promise<{ systemd: number; entries: number }> {
  const script =
    'journalctl --sync; journalctl -q -o json --output-fields=UNIT,N_RESTARTS _PID=1 MESSAGE_ID=5eb03494b6584870a536b337290809b3';
  const { stdout } = await lab.exec(['sh', '-c', script]);
  const lines = stdout.trim().split('\n');
  const highest = new Map<string, number>();
  for (const text of lines) {
    const { UNIT = '', N_RESTARTS } = JSON.parse(text) as Record<string, string>;
    highest.set(UNIT, Math.max(highest.get(UNIT) ?? 0, Number(N_RESTARTS)));
  }
  return { systemd: [...highest.values()].reduce((sum, count) => sum + count, 0), entries: lines.length };
}

async function restarts(lab: Lab): Promise<number> {
  const { stdout } = await lab.exec(['curl', '-s', 'http://127.0.0.1:9843/metrics']);
  const values = [...stdout.matchAll(/^flapd_unit_restarts_total\{.*trigger="auto"\} (\d+)$/gm)];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

async function scrape(lab: Lab): Promise<void> {
  const pids = [await hostPidOf(lab, 'flapd.service'), lab.leader, await hostPidOf(lab, 'dbus.service')];
  const scrapes = 20;
  const cost = async (command: string, own: readonly number[]): Promise<number> => {
    const before = own.map(cpu);
    for (let index = 0; index < scrapes; index += 1) await lab.exec(['sh', '-c', command]);
    return (own.reduce((sum, pid, index) => sum + cpu(pid) - (before[index] ?? 0), 0) / scrapes) * 1000;
  };
  const own = await cost('curl -s -o /dev/null http://127.0.0.1:9843/metrics', pids);
  const beside = await nodeExporter(lab, cost, pids.slice(1));
  row(
    'CPU per scrape, 520 services, all processes',
    `${own.toFixed(1)} ms`,
    beside === undefined
      ? 'prometheus-node-exporter is not installed'
      : `1/${(beside / own).toFixed(0)} of node_exporter's systemd collector (${beside.toFixed(0)} ms)`,
    { text: "1/50 of node_exporter's", holds: beside === undefined ? undefined : own <= beside / 50 },
  );
}

async function nodeExporter(
  lab: Lab,
  cost: (command: string, pids: readonly number[]) => Promise<number>,
  others: readonly number[],
): Promise<number | undefined> {
  const program = '/usr/bin/prometheus-node-exporter';
  if ((await lab.exec(['test', '-x', program])).code !== 0) return undefined;
  const flags =
    '--collector.disable-defaults --collector.systemd --collector.systemd.enable-restarts-metrics --web.listen-address=127.0.0.1:9100';
  await lab.addUnits({ 'exporter.service': `[Service]\nExecStart=${program} ${flags}\n` });
  await lab.systemctl('start', 'exporter.service');
  await sleep(1000);
  return cost('curl -s -o /dev/null http://127.0.0.1:9100/metrics', [
    await hostPidOf(lab, 'exporter.service'),
    ...others,
  ]);
}

/** From PID 1's "Scheduled restart" that completes the rule to flapd's line in the journal, by the journal's own clock. */
async function latency(lab: Lab): Promise<void> {
  const script = `journalctl -q -o json --output-fields=MESSAGE,UNIT,N_RESTARTS _PID=1 MESSAGE_ID=5eb03494b6584870a536b337290809b3 + _SYSTEMD_UNIT=flapd.service`;
  const { stdout } = await lab.exec(['sh', '-c', script]);
  const entries = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, string>);
  const at = (entry: Record<string, string>): number => Number(entry['__MONOTONIC_TIMESTAMP']) / 1000;
  const fifth = new Map(
    entries.filter((entry) => entry['N_RESTARTS'] === '5').map((entry) => [entry['UNIT'], at(entry)]),
  );
  const delays = entries.flatMap((entry) => {
    const message = entry['MESSAGE'] ?? '';
    const unit = /"event":"incident-(?:opened|grouped)".*?"unit":"([^"]+)"/.exec(message)?.[1];
    const scheduled = fifth.get(unit ?? '');
    return scheduled === undefined ? [] : at(entry) - scheduled;
  });
  delays.sort((a, b) => a - b);
  const worst = delays[Math.ceil(delays.length * 0.99) - 1] ?? NaN;
  row(
    `fifth restart to incident in the journal, p99 of ${delays.length}`,
    `${worst.toFixed(1)} ms`,
    `median ${(delays[delays.length >> 1] ?? NaN).toFixed(1)} ms`,
    { text: '50 ms', holds: worst <= 50 },
  );
}

async function explaining(lab: Lab): Promise<void> {
  const { incidents, exitToCauseMs, stallMs, stallInAllMs, bareInAllMs } = await explainCost(lab);
  row(
    `exit to cause in the journal, CPUs busy, worst of ${incidents}`,
    `${exitToCauseMs.toFixed(0)} ms`,
    'restart delay of 300 ms included',
    { text: '2 s', holds: exitToCauseMs <= 2000 },
  );
  row(
    'longest stall while looked into, CPUs busy',
    `${stallMs.toFixed(1)} ms`,
    `${stallInAllMs.toFixed(0)} ms with waiting for a CPU; bare node waited ${bareInAllMs.toFixed(0)} ms`,
    { text: '50 ms', holds: stallMs <= 50 },
  );
}

/** Loaded and active, without a process each: what flapd reads of them is the same. */
const done = `[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/true
`;

async function start(lab: Lab): Promise<void> {
  const few = await startSeconds(lab);
  row('start to ready, 520 services', `${few.wall.toFixed(2)} s`, `${few.cpu.toFixed(2)} s of CPU`);
  const names = Array.from({ length: 4480 }, (_, index) => `done${index}.service`);
  await lab.addUnits(Object.fromEntries(names.map((name) => [name, done])));
  for (let from = 0; from < names.length; from += 250)
    await lab.systemctl('start', ...names.slice(from, from + 250));
  const many = await startSeconds(lab);
  row(
    'start to ready, 5,000 services that are active',
    `${many.wall.toFixed(2)} s`,
    `${many.cpu.toFixed(2)} s of CPU; load ${loadavg()[0]?.toFixed(1)}`,
    { text: '2 s', holds: many.wall <= 2 },
  );
}

async function startSeconds(lab: Lab): Promise<{ wall: number; cpu: number }> {
  await lab.systemctl('stop', 'flapd.service');
  const began = performance.now();
  await lab.systemctl('start', 'flapd.service');
  const wall = (performance.now() - began) / 1000;
  return { wall, cpu: cpu(await hostPidOf(lab, 'flapd.service')) };
}

/** A million entries from a file; beside it the bytes alone, and journalctl alone over what this lab has written. */
async function replay(lab: Lab): Promise<void> {
  const { entriesPerSecond, megabytes, fileMegabytes, catSeconds, ...counted } = await replayCost(
    path.resolve('dist/flapd.cjs'),
  );
  row(
    `replay of 1,000,000 entries (${fileMegabytes.toFixed(0)} MB)`,
    `${Math.round(entriesPerSecond).toLocaleString('en')}/s`,
    `cat alone ${catSeconds.toFixed(2)} s`,
    { text: '50,000/s', holds: entriesPerSecond >= 50_000 },
  );
  row('resident memory of that replay', `${megabytes.toFixed(0)} MB`, '', {
    text: '400 MB',
    holds: megabytes <= 400,
  });
  row('restarts replayed', String(counted.restartsCounted), `${counted.restartsWritten} in the file`, {
    text: 'all',
    holds: counted.restartsCounted === counted.restartsWritten,
  });
  const { stdout } = await lab.exec(
    [
      'sh',
      '-c',
      'journalctl --sync; journalctl -q -o json | wc -l; date +%s%N; journalctl -q -o json >/dev/null; date +%s%N',
    ],
    { timeoutMs: 300_000 },
  );
  const [lines = 0, from = 0, until = 0] = stdout.trim().split('\n').map(Number);
  row(
    'journalctl -o json >/dev/null alone',
    `${Math.round(lines / ((until - from) / 1e9)).toLocaleString('en')}/s`,
    '',
  );
}

async function main(): Promise<void> {
  const means = labMeans();
  if (!means.ok) throw new Error(means.missing);
  const lab = await bootLab({ name: 'flapd-bench' });
  try {
    line(
      `systemd ${lab.systemdVersion}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}: compare ratios, not machines;`,
    );
    line('what is in seconds holds for an idle machine only');
    for (const part of [memory, silence, cycles, latency, scrape, explaining, start, replay]) await part(lab);
    summary();
  } finally {
    await lab.stop();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
