import { readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootLab, flapdInLab, labNode, type Lab } from '../test/lab/lab.ts';
import { labMeans } from '../test/lab/means.ts';
import { replayCost } from './replay.ts';
import { fineCpuSeconds, hostPidOf, residentMegabytes } from './process-cost.ts';

/**
 * What flapd costs, beside what it is compared with, in one run on one machine: only ratios mean anything. Numbers of the
 * design that need hours or a second product are not in here.
 */

const line = (text = ''): boolean => process.stdout.write(`${text}\n`);
const row = (what: string, value: string, beside: string): boolean =>
  line(`${what.padEnd(54)} ${value.padStart(12)}   ${beside}`);

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

function flapdUnit(lab: Lab): string {
  return `[Service]\nType=notify\nExecStart=${labNode(lab.root)} ${flapdInLab} run\n`;
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
  const bare = residentMegabytes(await hostPidOf(lab, 'bare.service'));
  const flapd = residentMegabytes(await hostPidOf(lab, 'flapd.service'));
  row(
    'resident memory, 500 services, idle',
    `${flapd.toFixed(1)} MB`,
    `${(flapd / bare).toFixed(2)} × bare node (${bare.toFixed(1)} MB)`,
  );
}

async function cycles(lab: Lab): Promise<void> {
  const names = Array.from({ length: 20 }, (_, index) => `flap${index}.service`);
  await lab.addUnits(Object.fromEntries(names.map((name) => [name, flapper])));
  await lab.systemctl('start', '--no-block', ...names);
  await sleep(10_000);
  const flapd = await hostPidOf(lab, 'flapd.service');
  const bus = await hostPidOf(lab, 'dbus.service');
  const pids = { flapd, 'PID 1': lab.leader, 'dbus-daemon': bus };
  const before = Object.values(pids).map(cpu);
  const restartsBefore = await restarts(lab);
  await sleep(20_000);
  const spent = Object.values(pids).map((pid, index) => cpu(pid) - (before[index] ?? 0));
  const count = (await restarts(lab)) - restartsBefore;
  const micros = spent.map((seconds) => (seconds / count) * 1e6);
  const [own = 0, one = 1, daemon = 0] = micros;
  row(
    `CPU per restart cycle (${count} in 20 s)`,
    `${own.toFixed(0)} µs`,
    `${(own / one).toFixed(2)} × PID 1 (${one.toFixed(0)} µs; dbus-daemon ${daemon.toFixed(0)} µs)`,
  );
  await lab.systemctl('stop', ...names);
  const counted = await restarts(lab);
  const journal = await lab.exec([
    'sh',
    '-c',
    'journalctl -q -o cat _PID=1 MESSAGE_ID=5eb03494b6584870a536b337290809b3 | wc -l',
  ]);
  row('restarts counted', String(counted), `${journal.stdout.trim()} in the journal`);
  row('resident memory after that', `${residentMegabytes(flapd).toFixed(1)} MB`, '');
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
  );
}

async function start(lab: Lab): Promise<void> {
  await lab.systemctl('stop', 'flapd.service');
  await startQuiet(lab, 2000);
  const began = performance.now();
  await lab.systemctl('start', 'flapd.service');
  row('start to ready, 2020 services that run', `${((performance.now() - began) / 1000).toFixed(2)} s`, '');
}

/** A million entries from a file; beside it the bytes alone, and journalctl alone over what this lab has written. */
async function replay(lab: Lab): Promise<void> {
  const { entriesPerSecond, megabytes, fileMegabytes, catSeconds, ...counted } = await replayCost(
    path.resolve('dist/flapd.cjs'),
  );
  row(
    `replay of 1,000,000 entries (${fileMegabytes.toFixed(0)} MB)`,
    `${Math.round(entriesPerSecond).toLocaleString('en')}/s`,
    `${megabytes.toFixed(0)} MB at most; bars 50,000/s, 400 MB; cat alone ${catSeconds.toFixed(2)} s`,
  );
  row('restarts replayed', String(counted.restartsCounted), `${counted.restartsWritten} in the file`);
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
    line(`systemd ${lab.systemdVersion}, Node ${process.versions.node}; compare ratios, not machines`);
    for (const part of [memory, cycles, latency, scrape, start, replay]) await part(lab);
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
