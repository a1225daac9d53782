import type { Shell } from '../../src/cli/shell.ts';
import { systemClock } from '../../src/kit/clock.ts';

/** A shell that keeps what is written, and from which no systemd is to be found. */
export function shellOf(env: NodeJS.ProcessEnv = {}): {
  readonly shell: Shell;
  readonly output: () => string;
} {
  let written = '';
  const write = (text: string): boolean => {
    written += text;
    return true;
  };
  const stream = { write, isTTY: false };
  return {
    shell: {
      env: { DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nonexistent/bus', ...env },
      pid: 1,
      uid: 0,
      clock: systemClock,
      stdout: stream as unknown as Shell['stdout'],
      stderr: stream as unknown as Shell['stderr'],
      onSignal: () => {},
    },
    output: () => written,
  };
}
