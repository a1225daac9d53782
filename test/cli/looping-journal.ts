export const startMs = Date.UTC(2026, 0, 2, 12);

function line(seconds: number, fields: object): string {
  const usec = (value: number): string => String(value * 1000);
  const times = {
    __REALTIME_TIMESTAMP: usec(startMs + seconds * 1000),
    __MONOTONIC_TIMESTAMP: usec(1_000_000 + seconds * 1000),
  };
  return `${JSON.stringify({ ...times, _PID: '1', _BOOT_ID: 'b', _MACHINE_ID: 'm1', ...fields })}\n`;
}

const ids = {
  started: '39f53479d3a045ac8e11786248231fbf',
  exit: '98e322203f7a4ed290d09fe03c09fe15',
  failed: 'd9b373ed55a64feb8242e02dbe79a49c',
  resources: 'ae8f7b866b0347b9af31fe1c80b127c0',
  scheduled: '5eb03494b6584870a536b337290809b3',
};

/** A service that runs for nine seconds, burns two, and dies; over and over, as `journalctl -o json` tells it. */
export function loopingJournal(unit: string, times: number, more: object = {}): string {
  return Array.from({ length: times }, (_, index) => {
    const of = { UNIT: unit, INVOCATION_ID: `${unit}${index}`, ...more };
    const at = index * 10;
    return [
      line(at, { ...of, MESSAGE_ID: ids.started }),
      line(at + 9, {
        EXIT_CODE: 'exited',
        EXIT_STATUS: '78',
        ...of,
        MESSAGE_ID: ids.exit,
        COMMAND: 'ExecStart',
      }),
      line(at + 9, { UNIT_RESULT: 'exit-code', ...of, MESSAGE_ID: ids.failed }),
      line(at + 9, { ...of, MESSAGE_ID: ids.resources, CPU_USAGE_NSEC: '2000000000' }),
      line(at + 10, { ...of, MESSAGE_ID: ids.scheduled, N_RESTARTS: String(index + 1) }),
    ].join('');
  }).join('');
}

export async function* chunks(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
