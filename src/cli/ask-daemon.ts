import { request, type IncomingMessage } from 'node:http';
import type { Config } from '../config/load.ts';
import type { UnitView } from '../core/view.ts';
import { shownListen } from '../http/listen-fault.ts';
import { coerceError } from '../kit/errors.ts';
import { parseIncidents, parseUnit, parseUnits } from './daemon-answer.ts';
import type { StatusPicture } from './status-picture.ts';

/** For all of it: whoever answers a byte a second is no flapd. */
const timeLimitMs = 2000;
/** 10,000 units that restarted take about 9 MiB. */
const mostBytes = 32 * 1024 * 1024;

export interface Asked {
  readonly picture: StatusPicture;
  /** Also one that never restarted; undefined where the daemon has nothing to tell of it. Never rejects. */
  unit(name: string): Promise<UnitView | undefined>;
}

export type Asking =
  | ({ readonly ok: true } & Asked)
  /** `why`: half a sentence, "no flapd answers on 127.0.0.1:9843"; absent where there is nobody to ask. */
  | { readonly ok: false; readonly why?: string };

type Where =
  | { readonly host: string; readonly port: number }
  | { readonly socketPath: string; readonly port?: never };

/** Somebody answered, but not as the flapd that was looked for does. */
class Stranger extends Error {}

/** What a running daemon that watches this manager knows. Never rejects: without a daemon there are other ways to look. */
export async function askDaemon({ listen, manager }: Config, uid: number): Promise<Asking> {
  if (listen.kind === 'off') return { ok: false };
  const shown = shownListen(listen);
  const where: Where = listen.kind === 'unix' ? { socketPath: listen.path } : listen;
  const get = (path: string) => answerTo({ where, path, manager, uid });
  try {
    const [units, incidents, ready] = await Promise.all([
      get('/api/v1/units').then(okText),
      get('/api/v1/incidents').then(okText),
      get('/readyz'),
    ]);
    const picture = {
      from: 'daemon',
      units: parseUnits(units),
      incidents: parseIncidents(incidents),
    } as const;
    const stale = ready.status === 200 ? {} : { warning: staleWarning };
    const unit = async (name: string): Promise<UnitView | undefined> => {
      try {
        return parseUnit(okText(await get(`/api/v1/units/${encodeURIComponent(name)}`)));
      } catch {
        return undefined;
      }
    };
    return { ok: true, picture: { ...picture, ...stale }, unit };
  } catch (error) {
    return { ok: false, why: reasonOf(coerceError(error), shown) };
  }
}

const staleWarning =
  'The running flapd is not connected to systemd at the moment: what happened since is not in here.';

function reasonOf(error: Error, shown: string): string {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return `no flapd answers on ${shown}`;
  if (code === 'EACCES' || code === 'EPERM') return `this user may not ask the flapd on ${shown}`;
  if (error instanceof Stranger) return `what answers on ${shown} ${error.message}`;
  if (error.name === 'AbortError') return `no flapd answers on ${shown} within ${timeLimitMs / 1000}s`;
  return `what answers on ${shown} is no flapd, or one of another version`;
}

interface HttpAnswer {
  readonly status: number;
  readonly text: string;
}

function okText({ status, text }: HttpAnswer): string {
  if (status !== 200) throw new Error(`HTTP status ${status}`);
  return text;
}

interface Ask {
  readonly where: Where;
  readonly path: string;
  readonly manager: Config['manager'];
  readonly uid: number;
}

function answerTo({ where, path, manager, uid }: Ask): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeLimitMs);
    const asked = request({ ...where, path, signal, agent: false }, (answer) => {
      const stranger = strangerIn(answer, manager, uid);
      if (stranger !== undefined) {
        asked.destroy(new Stranger(stranger));
        return;
      }
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > mostBytes) asked.destroy(new Error('the answer is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Why this is not the flapd that was looked for: it says itself whose manager it watches. */
function strangerIn(
  { headers }: IncomingMessage,
  manager: Config['manager'],
  uid: number,
): string | undefined {
  const theirs = headers['flapd-manager'];
  if (theirs !== 'system' && theirs !== 'user') return 'is no flapd, or one of another version';
  if (theirs !== manager) return `is a flapd that watches the ${theirs} manager`;
  if (theirs === 'user' && headers['flapd-user'] !== String(uid)) return "is another user's flapd";
  return undefined;
}
