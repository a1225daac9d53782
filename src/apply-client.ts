import { codeOf } from './kit/errors.ts';
import { connect } from 'node:net';
import { type ApplyAnswer, type ApplyRequest, mostRequestBytes } from './core/remedy/apply-request.ts';
import { applyRequestText, readApplyAnswer } from './apply/apply-request-text.ts';

/** Where contrib/systemd/flapd-apply.socket listens. */
export const applySocket = '/run/flapd-apply.sock';

export type Asked =
  | { readonly ok: true; readonly answer: ApplyAnswer }
  /** Nobody said what came of it: `isDone` where the request may have been carried out all the same. */
  | { readonly ok: false; readonly why: string; readonly isDone: boolean };

/** A little more than systemd gives flapd-apply@.service (RuntimeMaxSec=). */
const answerWithinMs = 275_000;

/** One request, one answer. Never rejects. */
export function askApply(
  request: ApplyRequest,
  socketPath = applySocket,
  withinMs = answerWithinMs,
): Promise<Asked> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    let length = 0;
    let sent = false;
    const end = (asked: Asked): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(asked);
    };
    const noAnswer = (why: string): void => end({ ok: false, why, isDone: sent });
    const timer = setTimeout(() => noAnswer(`no answer from ${socketPath} within ${withinMs} ms`), withinMs);
    socket.on('connect', () => {
      sent = true;
      socket.write(applyRequestText(request));
    });
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > 4 * mostRequestBytes) noAnswer(`what ${socketPath} answers is too long`);
    });
    socket.on('error', (error) => noAnswer(reasonOf(error, socketPath)));
    socket.on('end', () => {
      const answer = readApplyAnswer(Buffer.concat(chunks).toString('utf8'));
      if (answer === undefined)
        noAnswer(`${socketPath} gave no answer; journalctl -u "flapd-apply@*" says why`);
      else end({ ok: true, answer });
    });
  });
}

function reasonOf(error: Error, socketPath: string): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `${socketPath} is not there: flapd-apply.socket is not started`;
    case 'ECONNREFUSED':
      return `nobody listens on ${socketPath}: flapd-apply.socket is not started`;
    case 'EACCES':
      return `this user may not use ${socketPath}`;
    default:
      return `${socketPath}: ${error.message}`;
  }
}
