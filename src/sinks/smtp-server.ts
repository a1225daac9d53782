import { isIP } from 'node:net';
import { unescape } from 'node:querystring';
import type { EmailSettings } from '../core/sink-settings.ts';

/** What nodemailer is to know of the server. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly requireTLS: boolean;
  readonly tls: { readonly rejectUnauthorized: boolean };
  readonly auth?: { readonly user: string; readonly pass: string };
  readonly forceAuth: boolean;
  readonly disableFileAccess: true;
  readonly disableUrlAccess: true;
}

/**
 * A password leaves this host only through TLS with a certificate that is verified. Mail without one is encrypted where
 * the server offers it, whatever its certificate, as between mail servers (RFC 7435): Debian's own has a self-signed one.
 * Who has a password and no user name in the URL logs in with the sender's address, as most providers want it.
 */
export function smtpServer({ smtp, from }: EmailSettings, password: string | undefined): SmtpServer {
  const { protocol, hostname, port, username } = new URL(smtp);
  const host = hostname.replaceAll(/^\[|\]$/gu, '');
  const secure = protocol === 'smtps:';
  const mustVerify = password !== undefined && !isLoopback(host);
  return {
    host,
    port: port === '' ? (secure ? 465 : 25) : Number(port),
    secure,
    requireTLS: mustVerify && !secure,
    tls: { rejectUnauthorized: secure || mustVerify },
    ...(password === undefined
      ? {}
      : { auth: { user: username === '' ? from : unescape(username), pass: password } }),
    forceAuth: password !== undefined,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
