import { exitStatusName, signalName } from './exit-status.ts';
import { unsignedOf } from './unsigned-text.ts';
import type { ExitSet } from './restart-settings.ts';

const lastStatus = 255;
const lastSignal = 64;

const statusByName = new Map(
  Array.from({ length: lastStatus + 1 }, (_, status) => [exitStatusName(status), status] as const),
);
const signalByName = new Map(
  Array.from({ length: lastSignal }, (_, index) => [signalName(index + 1), index + 1] as const),
);

/** The words of `RestartPreventExitStatus=` and its kin; one that systemd can't read it passes over, and reads on. */
export interface ExitSetText extends ExitSet {
  readonly unread: readonly string[];
}

/** As load-fragment.c `config_parse_set_status`: a number is an exit status, a name one or else a signal. */
export function parseExitSet(value: string): ExitSetText {
  const statuses = new Set<number>();
  const signals = new Set<number>();
  const unread: string[] = [];
  for (const word of value.split(/[ \t\n\r]+/).filter((each) => each !== '')) {
    const status = statusByName.get(word) ?? unsignedOf(word);
    const signal = signalByName.get(word) ?? signalByName.get(`SIG${word}`);
    if (status !== undefined && status <= lastStatus) statuses.add(status);
    else if (status === undefined && signal !== undefined) signals.add(signal);
    else unread.push(word);
  }
  return { statuses: [...statuses], signals: [...signals], unread };
}
