import { request as plainRequest, type IncomingMessage } from 'node:http';
import { displayTimeSpan } from '../core/time-span.ts';
import { answerExcerpt } from './answer-excerpt.ts';
import type { Headers } from './headers-file.ts';
import { lookup } from './lookup.ts';
import { networkFault } from './network-fault.ts';
import { retryAfterMs } from './retry-after.ts';
import type { Failed, Outcome } from './sink.ts';
import { hiddenParts, shownTarget } from './target.ts';
import { within } from './within.ts';

export interface Post {
  readonly url: string;
  readonly headers: Headers;
  /** Those of the administrator: they win, and are never shown. */
  readonly secretHeaders: Headers;
  readonly body: string;
  readonly timeoutMs: number;
}

/** Of an answer no more is read, and no longer: what counts is its first line. */
const mostAnswerBytes = 64 * 1024;
const mostAnswerMs = 1000;

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** One POST over a connection of its own, redirects not followed. `timeoutMs` covers everything from the name look-up on. */
export async function httpPost(post: Post, signal: AbortSignal): Promise<Outcome> {
  const { url, timeoutMs } = post;
  return within(timeoutMs, signal, async (limit) => {
    try {
      return judge(post, await ask(post, limit));
    } catch (error) {
      const found = signal.aborted
        ? 'flapd stops before there is an answer'
        : limit.aborted
          ? `there is no answer within ${displayTimeSpan(timeoutMs)}`
          : networkFault(error);
      return failed(url, `${found}; expected an answer`, { retryable: true });
    }
  });
}

async function ask(post: Post, signal: AbortSignal): Promise<Answer> {
  // A host that only watches does without TLS and its memory.
  const request =
    new URL(post.url).protocol === 'https:' ? (await import('node:https')).request : plainRequest;
  const body = Buffer.from(post.body);
  const sent = request(post.url, {
    method: 'POST',
    agent: false,
    lookup,
    signal,
    headers: {
      'User-Agent': 'flapd',
      ...post.headers,
      ...post.secretHeaders,
      'Content-Length': body.length,
    },
  });
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve);
      sent.on('error', reject);
      sent.end(body);
    });
    const text = await readStart(response);
    const { statusCode: status = 0, statusMessage: reason = '', headers } = response;
    return { status, reason, headers, body: text };
  } finally {
    sent.destroy();
  }
}

/** Never rejects: an answer whose body breaks off has said its status. */
async function readStart(response: IncomingMessage): Promise<string> {
  const timer = setTimeout(() => response.destroy(), mostAnswerMs);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= mostAnswerBytes) break;
    }
  } catch {
    // what came is enough
  }
  clearTimeout(timer);
  return Buffer.concat(chunks).toString('utf8', 0, mostAnswerBytes);
}

/** Worth another try: Request Timeout, Too Early, Too Many Requests, and whatever is the server's own fault. */
function isRetryable(status: number): boolean {
  return [408, 425, 429].includes(status) || status >= 500;
}

function judge({ url, secretHeaders }: Post, answer: Answer): Outcome {
  const { status, body } = answer;
  const said = `${status} ${printable(answer.reason)}`.trim();
  if (status >= 200 && status < 300) return { kind: 'delivered', answer: said };
  if (status >= 300 && status < 400) {
    const to = answer.headers.location;
    const where = to === undefined ? 'nowhere' : `"${shownTarget(to, url)}"`;
    const found = `it redirects to ${where} (${said}); expected the final address: redirects are not followed`;
    return failed(url, found, { retryable: false });
  }
  const excerpt = answerExcerpt(body, [...Object.values(secretHeaders), ...hiddenParts(url)]);
  const waitMs = retryAfterMs(answer.headers['retry-after'], Date.now());
  return failed(url, `it answers ${said}${excerpt}; expected 2xx`, {
    retryable: isRetryable(status),
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }),
  });
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, '?').slice(0, 60);
}

function failed(url: string, found: string, more: Pick<Failed, 'retryable' | 'retryAfterMs'>): Failed {
  return { kind: 'failed', why: `Cannot post to "${shownTarget(url)}": ${found}`, ...more };
}
