/** One way to tell somebody, as configured under `sinks:`. Secrets are never in here: only the files that hold them. */
export type SinkSettings = WebhookSettings | AlertmanagerSettings | EmailSettings | ExecSettings;

export interface WebhookSettings {
  readonly type: 'webhook';
  /** http or https. */
  readonly url: string;
  /** Lines of `Name: value`, read anew for each delivery. */
  readonly headersFile: string | undefined;
  readonly format: 'json' | 'slack' | 'discord' | 'ntfy';
  readonly timeoutMs: number;
}

export interface AlertmanagerSettings {
  readonly type: 'alertmanager';
  /** Of the server: `/api/v2/alerts` is added. */
  readonly url: string;
  readonly headersFile: string | undefined;
  /** Added to each alert. */
  readonly labels: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface EmailSettings {
  readonly type: 'email';
  /** smtp://HOST:PORT or smtps://HOST:PORT; a user name may stand in it, a password may not. */
  readonly smtp: string;
  readonly passwordFile: string | undefined;
  readonly from: string;
  readonly to: readonly string[];
  readonly timeoutMs: number;
}

export interface ExecSettings {
  readonly type: 'exec';
  /** An absolute path and its arguments: no shell. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
}
