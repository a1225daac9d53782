import './kit/small-heap.ts';
import type { Readable } from 'node:stream';
import { answerRequest } from './apply/answer-request.ts';
import { applyAnswerText } from './apply/apply-request-text.ts';
import { peerFault } from './apply/apply-peer.ts';
import { defaultConfigDir } from './config/load.ts';
import { type ApplyAnswer, mostRequestBytes } from './core/remedy/apply-request.ts';
import { systemClock } from './kit/clock.ts';
import { coerceError } from './kit/errors.ts';
import { inRemedyRoom } from './apply/open-remedy-room.ts';
import { busAddress } from './systemd/bus-address.ts';

/**
 * What flapd-apply@.service runs: one request on standard input, one answer on standard output, and the end. Its only
 * argument is the name of the instance, which says who asks. What it does stands in the journal.
 */
const readWithinMs = 5000;

/** The request, up to its line end or the end; undefined where it is too long, or takes too long. */
function readRequest(input: Readable): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (text: string | undefined): void => {
      clearTimeout(timer);
      input.pause();
      resolve(text);
    };
    const timer = setTimeout(() => end(undefined), readWithinMs);
    const whole = (): string => Buffer.concat(chunks).toString('utf8');
    input.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > mostRequestBytes) end(undefined);
      else if (chunk.includes(0x0a)) end(whole().split('\n')[0]);
    });
    input.once('end', () => end(whole()));
    input.once('error', () => end(undefined));
  });
}

async function answer(instance: string): Promise<ApplyAnswer> {
  // Read in any case: of a socket that is closed with something unread in it the answer is lost.
  const text = await readRequest(process.stdin);
  const fault = peerFault(instance);
  if (fault !== undefined) return { outcomes: [], refused: fault };
  if (text === undefined)
    return {
      outcomes: [],
      refused: `the request is none: it is longer than ${mostRequestBytes} bytes, or took longer than ${readWithinMs} ms`,
    };
  const bus = busAddress({ kind: 'system' }, {}, 0);
  if (!bus.ok) throw new Error(bus.message);
  return answerRequest(text, (wants, work) =>
    inRemedyRoom(
      {
        configDir: defaultConfigDir,
        busAddress: bus.address,
        pid: process.pid,
        wants,
        by: 'daemon',
        dryRun: false,
        nowWallMs: () => systemClock.now().wallMs,
        nowMonotonicMs: () => systemClock.now().monotonicMs,
        say: (sentence) => void process.stderr.write(`${sentence}\n`),
      },
      work,
    ),
  );
}

async function main(): Promise<void> {
  const given = await answer(process.argv[2] ?? '');
  if (given.refused !== undefined) process.stderr.write(`Refused: ${given.refused}\n`);
  for (const { unit, outcome, reason } of given.outcomes)
    process.stderr.write(`${unit}: ${outcome}${reason === undefined ? '' : `, ${reason}`}\n`);
  process.stdout.write(applyAnswerText(given), () => process.exit(0));
}

process.stdout.on('error', () => process.exit(0));
main().catch((error: unknown) => {
  process.stderr.write(`flapd-apply: this is a bug: ${coerceError(error).stack}\n`);
  process.exit(1);
});
