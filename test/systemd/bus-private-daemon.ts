import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Why there can be no private bus here, or `undefined` if there can. */
export const noDaemonBecause: string | undefined =
  spawnSync('dbus-daemon', ['--version']).status === 0 ? undefined : 'there is no dbus-daemon';

export interface PrivateDaemon {
  readonly address: string;
  readonly socketPath: string;
  /** kill -9 */
  kill(): void;
  stop(): Promise<void>;
}

export interface DaemonOptions {
  readonly limits?: Readonly<Record<string, number>>;
  readonly auth?: string;
}

/** A dbus-daemon of its own, in a folder of its own. */
export async function startDaemon(options: DaemonOptions = {}): Promise<PrivateDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'flapd-bus-'));
  const socketPath = join(folder, 'bus');
  const limits = Object.entries(options.limits ?? {});
  const config = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${socketPath}</listen>
  <auth>${options.auth ?? 'EXTERNAL'}</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  ${limits.map(([name, limit]) => `<limit name="${name}">${limit}</limit>`).join('\n  ')}
</busconfig>`;
  const configPath = join(folder, 'bus.conf');
  writeFileSync(configPath, config);
  const daemon = spawn('dbus-daemon', [`--config-file=${configPath}`, '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(daemon, 'exit');
  await once(createInterface(daemon.stdout), 'line');
  return {
    address: `unix:path=${socketPath}`,
    socketPath,
    kill: () => daemon.kill('SIGKILL'),
    stop: async () => {
      daemon.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
