import { spawn, spawnSync } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What replaying a journal of a million entries takes, beside reading its bytes and nothing else. */

const entries = 1_000_000;
const units = 50;
/** Records of PID 1 about services; the rest is what services themselves say. */
const managerShare = 0.2;
const startUsec = Date.UTC(2026, 0, 1) * 1000;

const messages = {
  started: '39f53479d3a045ac8e11786248231fbf',
  processExit: '98e322203f7a4ed290d09fe03c09fe15',
  failed: 'd9b373ed55a64feb8242e02dbe79a49c',
  restartScheduled: '5eb03494b6584870a536b337290809b3',
} as const;

/** Of one life of a service, in order; `undefined` where the next one begins. */
const life = ['started', 'processExit', 'failed', 'restartScheduled'] as const;

export interface ReplayCost {
  readonly entriesPerSecond: number;
  readonly megabytes: number;
  readonly fileMegabytes: number;
  readonly catSeconds: number;
  readonly restartsWritten: number;
  readonly restartsCounted: number;
}

export async function replayCost(flapd: string): Promise<ReplayCost> {
  const folder = await mkdtemp(path.join(tmpdir(), 'flapd-bench-'));
  const file = path.join(folder, 'journal.json');
  try {
    const written = { bytes: 0, restarts: 0 };
    await pipeline(Readable.from(journal(written)), createWriteStream(file));
    const began = performance.now();
    spawnSync('sh', ['-c', 'cat "$1" >/dev/null', 'sh', file]);
    const catSeconds = (performance.now() - began) / 1000;
    const { seconds, megabytes, output } = await measured([
      process.execPath,
      flapd,
      'replay',
      file,
      '--json',
    ]);
    const { units: seen } = JSON.parse(output) as { units: { restarts: { automatic: number } }[] };
    return {
      entriesPerSecond: entries / seconds,
      megabytes,
      fileMegabytes: written.bytes / 1e6,
      catSeconds,
      restartsWritten: written.restarts,
      restartsCounted: seen.reduce((sum, { restarts }) => sum + restarts.automatic, 0),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Peak memory as the kernel keeps it: VmHWM, looked at until the process is gone. */
async function measured(
  argv: readonly [string, ...string[]],
): Promise<{ seconds: number; megabytes: number; output: string }> {
  const began = performance.now();
  const [program, ...rest] = argv;
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  let megabytes = 0;
  const timer = setInterval(() => {
    megabytes = Math.max(megabytes, peakMegabytes(child.pid));
  }, 10);
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
    megabytes = Math.max(megabytes, peakMegabytes(child.pid));
    output += chunk;
  }
  clearInterval(timer);
  return { seconds: (performance.now() - began) / 1000, megabytes, output };
}

function peakMegabytes(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** A day of a host on which fifty services loop, as `journalctl -o json` prints it, in chunks of some hundred lines. */
function* journal(written: { bytes: number; restarts: number }): Generator<string> {
  const lives = Array.from({ length: units }, () => 0);
  let chunk = '';
  for (let index = 0; index < entries; index += 1) {
    const usec = startUsec + index * 86_400;
    if (index % Math.round(1 / managerShare) === 0) {
      const unit = (index / Math.round(1 / managerShare)) % units;
      const steps = lives[unit] ?? 0;
      lives[unit] = steps + 1;
      const step = life[steps % life.length] ?? 'started';
      if (step === 'restartScheduled') written.restarts += 1;
      chunk += managerLine(index, usec, unit, step, Math.floor(steps / life.length));
    } else {
      chunk += noiseLine(index, usec);
    }
    if (chunk.length > 256 * 1024 || index === entries - 1) {
      written.bytes += chunk.length;
      yield chunk;
      chunk = '';
    }
  }
}

/** The fields that PID 1 of Debian 12 writes with each of its messages. */
function managerLine(
  index: number,
  usec: number,
  unit: number,
  step: (typeof life)[number],
  lived: number,
): string {
  const own = {
    started: { JOB_TYPE: 'start', JOB_RESULT: 'done', JOB_ID: String(index) },
    processExit: { COMMAND: 'ExecStart', EXIT_CODE: 'exited', EXIT_STATUS: String(1 + (unit % 7)) },
    failed: { UNIT_RESULT: 'exit-code' },
    restartScheduled: { N_RESTARTS: String(lived + 1) },
  }[step];
  return lineOf(index, usec, {
    PRIORITY: '5',
    SYSLOG_FACILITY: '3',
    SYSLOG_IDENTIFIER: 'systemd',
    TID: '1',
    CODE_FILE: 'src/core/unit.c',
    CODE_LINE: '5671',
    CODE_FUNC: 'unit_log_process_exit',
    MESSAGE_ID: messages[step],
    UNIT: `service-${unit}.service`,
    INVOCATION_ID: `${unit.toString(16).padStart(8, '0')}${lived.toString(16).padStart(24, '0')}`,
    MESSAGE: `service-${unit}.service: ${step}, as systemd words it in a sentence of some length.`,
    _PID: '1',
    _UID: '0',
    _GID: '0',
    _COMM: 'systemd',
    _EXE: '/usr/lib/systemd/systemd',
    _CMDLINE: '/sbin/init',
    _CAP_EFFECTIVE: '1ffffffffff',
    _SYSTEMD_CGROUP: '/init.scope',
    _SYSTEMD_UNIT: 'init.scope',
    _SYSTEMD_SLICE: '-.slice',
    ...own,
  });
}

function noiseLine(index: number, usec: number): string {
  const pid = String(1000 + (index % 5000));
  return lineOf(index, usec, {
    PRIORITY: '6',
    SYSLOG_FACILITY: '3',
    SYSLOG_IDENTIFIER: 'worker',
    SYSLOG_PID: pid,
    MESSAGE: `[${index}] GET /api/v1/items/${index % 977}?page=3 200 12ms "Mozilla/5.0 (X11; Linux x86_64)"`,
    _PID: pid,
    _UID: '33',
    _GID: '33',
    _COMM: 'worker',
    _EXE: '/usr/bin/worker',
    _CMDLINE: '/usr/bin/worker --serve --threads 4',
    _CAP_EFFECTIVE: '0',
    _SYSTEMD_CGROUP: '/system.slice/worker.service',
    _SYSTEMD_UNIT: 'worker.service',
    _SYSTEMD_SLICE: 'system.slice',
    _STREAM_ID: 'b09372d2a0314d57bb39c6e9d70a9b07',
  });
}

function lineOf(index: number, usec: number, fields: Readonly<Record<string, string>>): string {
  return `${JSON.stringify({
    __CURSOR: `s=b09372d2a0314d57bb39c6e9d70a9b07;i=${index.toString(16)};b=9823cc6f9e874ad2a8784b3cafd4c5f3`,
    __REALTIME_TIMESTAMP: String(usec),
    __MONOTONIC_TIMESTAMP: String(usec - startUsec + 1e6),
    _BOOT_ID: '9823cc6f9e874ad2a8784b3cafd4c5f3',
    _MACHINE_ID: 'f054438c28504b85a80ee5abb2e70fba',
    _HOSTNAME: 'bench',
    _TRANSPORT: 'journal',
    ...fields,
  })}\n`;
}
