import * as v from 'valibot';
import { exitStatusName, signalName } from '../core/systemd/exit-status.ts';
import { quote } from './problem.ts';

const lastStatus = 255;
const lastSignal = 64;

/** Signals that systemd sends itself: a service that dies of one has not failed by itself. */
const sentBySystemd: Readonly<Record<string, string>> = {
  SIGTERM: 'systemd sends it itself to stop a service',
  SIGABRT: 'systemd sends it itself when a service misses its watchdog',
  SIGKILL: 'systemd sends it itself when a service does not stop in time',
};

const names: readonly string[] = [
  ...Array.from({ length: lastStatus }, (_, index) => exitStatusName(index + 1)),
  ...Array.from({ length: lastSignal }, (_, index) => signalName(index + 1)),
].filter((name) => name !== undefined);

const allowed = names.filter((name) => !Object.hasOwn(sentBySystemd, name));

const noSuchName = ': systemd has no such name';

const wanted = `; expected an exit status from 1 to ${lastStatus}, or a name such as CONFIG or SIGSEGV`;

/** What is wrong with it, as the middle of a message; undefined where nothing is. */
function faultOf(status: string | number): string | undefined {
  if (typeof status === 'number') {
    return Number.isInteger(status) && status >= 1 && status <= lastStatus ? undefined : '';
  }
  if (allowed.includes(status)) return undefined;
  const because = Object.hasOwn(sentBySystemd, status) ? sentBySystemd[status] : undefined;
  if (because !== undefined) return `: ${because}`;
  if (/^\d+$/.test(status)) return ': a number in quotes';
  const upper = status.toUpperCase();
  const written = allowed.find((name) => name === upper || name === `SIG${upper}`);
  return written === undefined ? noSuchName : `: systemd writes it ${quote(written)}`;
}

/** One entry of `prevent_exit_status`, in systemd's spelling. */
export const exitStatus = v.pipe(
  v.union([v.string(), v.number()], wanted),
  v.metadata({
    anyOf: [{ type: 'integer', minimum: 1, maximum: lastStatus }, { enum: allowed }],
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const fault = dataset.typed ? faultOf(dataset.value) : undefined;
    if (fault !== undefined)
      addIssue({
        message: `${fault}${wanted}`,
        ...(fault === noSuchName ? { expected: allowed.join(' ') } : {}),
      });
  }),
);
