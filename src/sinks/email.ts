import type * as Nodemailer from 'nodemailer';
import type { Notification } from '../core/notification.ts';
import type { EmailSettings } from '../core/sink-settings.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import { coerceError } from '../kit/errors.ts';
import { answerExcerpt } from './answer-excerpt.ts';
import { mailOf } from './mail-text.ts';
import { networkFault } from './network-fault.ts';
import { readPassword } from './secret-file.ts';
import type { Outcome, Sink } from './sink.ts';
import { smtpServer, type SmtpServer } from './smtp-server.ts';
import { shownTarget } from './target.ts';
import { within } from './within.ts';

export function emailSink(settings: EmailSettings, host: string): Sink {
  // At once: reading a program in the middle of an incident would keep everybody waiting for it (60 ms).
  const mailer = loadMailer();
  return {
    deliver: async (notification, signal) => {
      const { passwordFile } = settings;
      const secret = passwordFile === undefined ? undefined : await readPassword(passwordFile);
      if (secret?.ok === false) return { kind: 'failed', why: secret.why, retryable: true };
      const server = smtpServer(settings, secret?.value);
      return send({ settings, server, password: secret?.value, host, mailer }, notification, signal);
    },
  };
}

interface Errand {
  readonly settings: EmailSettings;
  readonly server: SmtpServer;
  readonly password: string | undefined;
  readonly host: string;
  readonly mailer: ReturnType<typeof loadMailer>;
}

async function send(errand: Errand, notification: Notification, signal: AbortSignal): Promise<Outcome> {
  const { settings, server, host } = errand;
  const { from, to, timeoutMs } = settings;
  const mailer = await errand.mailer;
  if (mailer === undefined) {
    return failed(errand, 'flapd-mail.cjs is not beside flapd.cjs; expected both, as they are built', true);
  }
  return within(timeoutMs, signal, async (limit) => {
    try {
      const { inReplyTo, ...mail } = mailOf(notification, host);
      const info = await mailer.createTransport(server).sendMail({
        ...mail,
        ...(inReplyTo === undefined ? {} : { inReplyTo, references: inReplyTo }),
        from,
        to: [...to],
        // RFC 3834: nobody's holiday answers it.
        headers: { 'Auto-Submitted': 'auto-generated' },
        signal: limit,
      });
      const refused = info.rejected ?? [];
      return {
        kind: 'delivered',
        answer: reply(info.response),
        ...(refused.length === 0
          ? {}
          : { complaint: `${refused.length} of ${to.length} recipients are refused: ${refused.join(', ')}` }),
      };
    } catch (error) {
      if (signal.aborted) return failed(errand, 'flapd stops before there is an answer; expected one', true);
      if (limit.aborted) {
        const found = `it is not done within ${displayTimeSpan(timeoutMs)}`;
        return failed(errand, `${found}; expected an answer`, true);
      }
      return refusal(errand, coerceError(error));
    }
  });
}

/** 240 KB of program and some 6 MB of memory: only for a host that sends mail. A file of its own: see scripts/build.js. */
async function loadMailer(): Promise<Pick<typeof Nodemailer, 'createTransport'> | undefined> {
  try {
    return await import('nodemailer');
  } catch {
    return undefined;
  }
}

/** RFC 5321, 4.2.1: 4yz may be mended by time, 5yz may not. A connection that fails always may. */
function refusal(errand: Errand, error: Error): Outcome {
  const code = 'responseCode' in error ? Number(error.responseCode) : 0;
  const response = 'response' in error && typeof error.response === 'string' ? error.response : '';
  if ('code' in error && error.code === 'ETLS' && errand.server.requireTLS) {
    const found = `it does not go over to TLS (${response === '' ? networkFault(error) : reply(response)})`;
    return failed(errand, `${found}; expected STARTTLS, for a password is to be sent`, code < 500);
  }
  if (!(code >= 400 && code < 600)) return failed(errand, `${networkFault(error)}; expected 250`, true);
  const { password = '' } = errand;
  const secrets = [password, Buffer.from(password).toString('base64')];
  const said = answerExcerpt(response, secrets) || ` ${String(code)}`;
  return failed(errand, `it answers${said}; expected 250`, code < 500);
}

function reply(response: string | undefined): string {
  return (response ?? '').replaceAll(/[^\x20-\x7e]+/gu, ' ').slice(0, 100);
}

function failed({ settings }: Errand, found: string, retryable: boolean): Outcome {
  return { kind: 'failed', why: `Cannot mail through "${shownTarget(settings.smtp)}": ${found}`, retryable };
}
