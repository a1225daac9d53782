import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Lab } from '../lab/lab.ts';

const peer = 'org.freedesktop.DBus.Peer';

const retryMs = 100;

/** What one connection sends on the system bus, as dbus-monitor tells it. */
export class BusMonitor {
  /** Method calls and signals, a line each: type, time, serial, sender, destination, path, interface, member. */
  readonly calls: string[] = [];
  readonly #lab: Lab;
  readonly #monitor: ChildProcess;
  #onMark = (): void => {};

  constructor(lab: Lab, sender: string) {
    this.#lab = lab;
    this.#monitor = lab.spawn([
      'dbus-monitor',
      '--profile',
      '--system',
      `sender='${sender}'`,
      `interface='${peer}'`,
    ]);
    if (this.#monitor.stdout === null) throw new Error('dbus-monitor was started without a pipe');
    createInterface({ input: this.#monitor.stdout }).on('line', (line) => {
      if (line.includes(`\t${peer}\t`)) this.#onMark();
      else if (/^(mc|sig)\t/.test(line) && line.includes(`\t${sender}\t`)) this.calls.push(line);
    });
  }

  /** Resolves once the monitor has told everything that was sent until now. */
  async mark(): Promise<void> {
    const seen = new Promise<void>((resolve) => {
      this.#onMark = resolve;
    });
    const ping = ['busctl', 'call', 'org.freedesktop.DBus', '/org/freedesktop/DBus', peer, 'Ping'];
    // Until it is on the bus it hears nothing: pinged again until it tells.
    for (let told = false; !told;) {
      await this.#lab.exec(ping);
      told = await Promise.race([
        seen.then(() => true),
        new Promise<boolean>((resolve) => setTimeout(resolve, retryMs, false)),
      ]);
    }
  }

  [Symbol.dispose](): void {
    this.#monitor.kill('SIGKILL');
  }
}
