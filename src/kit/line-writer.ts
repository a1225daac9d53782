import { writeSync } from 'node:fs';

/** A full pipe is waited for this long, once: then lines are counted instead, until it takes bytes again. */
const patienceMs = 100;
const stepMs = 5;

/**
 * Writes whole lines, at once, and never throws: a line that was taken in part (EAGAIN, ENOSPC) is finished first,
 * what comes meanwhile is counted, and `lostLine` tells the count before the next line that gets through.
 */
export function lineWriter(fd: number, lostLine: (lost: number) => string): (line: string) => void {
  let rest: Uint8Array = new Uint8Array();
  let lost = 0;
  return (line) => {
    rest = drain(fd, rest, 0);
    if (rest.length > 0) {
      lost += 1;
      return;
    }
    rest = drain(fd, Buffer.from((lost > 0 ? lostLine(lost) : '') + line), patienceMs);
    lost = 0;
  };
}

/** What could not be written. */
function drain(fd: number, bytes: Uint8Array, waitMs: number): Uint8Array {
  let left = bytes;
  for (let waitedMs = 0; left.length > 0;) {
    try {
      left = left.subarray(writeSync(fd, left));
    } catch (thrown) {
      if (!isBusy(thrown) || waitedMs >= waitMs) return left;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stepMs);
      waitedMs += stepMs;
    }
  }
  return left;
}

/** Pipes and sockets do not block once Node has opened `process.stdout` or `process.stderr` on them. */
function isBusy(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN';
}
