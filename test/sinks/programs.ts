import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from './receiver.ts';

/** Servers of Debian's packages, started by hand on loopback. Tests that need one are skipped where it is missing. */

const alertmanager = 'prometheus-alertmanager';
/** Debian's own Python: another one in PATH does not have Debian's packages. */
export const python = '/usr/bin/python3';
export const smtpScript = path.join(import.meta.dirname, 'smtp-server.py');

function works(file: string, args: readonly string[]): boolean {
  try {
    execFileSync(file, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export const haveAlertmanager = works(alertmanager, ['--version']);
export const noAlertmanager = 'needs the package prometheus-alertmanager';
export const haveSmtpServer = works(python, ['-c', 'import aiosmtpd']);
export const noSmtpServer = 'needs the package python3-aiosmtpd';

const stops: (() => Promise<void>)[] = [];

export async function stopPrograms(): Promise<void> {
  await Promise.all(stops.splice(0).map((stop) => stop()));
}

export interface Program {
  readonly url: string;
  /** Of this program alone; removed in the end. */
  readonly folder: string;
  stop(): Promise<void>;
}

/** Resolves when somebody listens on `port`. */
async function start(
  args: (folder: string) => readonly [file: string, ...args: string[]],
  url: string,
  isUp: () => Promise<boolean>,
): Promise<Program> {
  const folder = mkdtempSync(path.join(tmpdir(), 'flapd-program-'));
  const [file, ...rest] = args(folder);
  const child = spawn(file, rest, { stdio: 'ignore', cwd: folder });
  const gone = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  stops.push(stop);
  for (let left = 200; !(await isUp()); left -= 1) {
    if (left === 0 || child.exitCode !== null) throw new Error(`${file} did not start on ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { url, folder, stop };
}

/** Of one that tells `receiver` at once of everything that changes. */
export function alertmanagerConfig(receiver: string): string {
  return `
route: { receiver: flapd-test, group_by: ['...'], group_wait: 10ms, group_interval: 100ms, repeat_interval: 1h }
receivers:
  - name: flapd-test
    webhook_configs: [{ url: "${receiver}", send_resolved: true }]
`;
}

/** With its configuration in `folder`, where it keeps its data too. */
export function alertmanagerCommand(
  folder: string,
  port: number,
): readonly [file: string, ...args: string[]] {
  return [
    alertmanager,
    `--config.file=${folder}/alertmanager.yml`,
    `--storage.path=${folder}/data`,
    `--web.listen-address=127.0.0.1:${String(port)}`,
    '--cluster.listen-address=',
  ];
}

export async function startAlertmanager(
  receiver: string,
  port?: number,
): Promise<Program & { port: number }> {
  const at = port ?? (await freePort());
  const url = `http://127.0.0.1:${String(at)}`;
  const program = await start(
    (folder) => {
      writeFileSync(path.join(folder, 'alertmanager.yml'), alertmanagerConfig(receiver));
      return alertmanagerCommand(folder, at);
    },
    url,
    () =>
      fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
  );
  return { ...program, port: at };
}

/** Keeps each mail as a file in `mails`, with its envelope on top; wants a login where `password` is given. */
export async function startSmtpServer(password = ''): Promise<Program> {
  const at = String(await freePort());
  return start(
    (folder) => [python, smtpScript, at, folder, password],
    `smtp://127.0.0.1:${at}`,
    () => answers(Number(at)),
  );
}

async function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('data', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => socket.destroy());
    setTimeout(() => socket.destroy(), 1000).unref();
    socket.on('data', () => socket.end('QUIT\r\n'));
  });
}
