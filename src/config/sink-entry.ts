import type { SinkSettings } from '../core/sink-settings.ts';
import { execTimeoutMs, timeoutMs, type SinkEntry } from './sink-schema.ts';

/** A sink as it is written, with what it leaves out. */
export function sinkOf(entry: SinkEntry): SinkSettings {
  switch (entry.type) {
    case 'webhook':
      return {
        type: 'webhook',
        url: entry.url,
        headersFile: entry.headers_file,
        format: entry.format ?? 'json',
        timeoutMs: entry.timeout ?? timeoutMs,
      };
    case 'alertmanager':
      return {
        type: 'alertmanager',
        url: entry.url,
        headersFile: entry.headers_file,
        labels: entry.labels ?? {},
        timeoutMs: entry.timeout ?? timeoutMs,
      };
    case 'email':
      return {
        type: 'email',
        smtp: entry.smtp,
        passwordFile: entry.password_file,
        from: entry.from,
        to: entry.to,
        timeoutMs: entry.timeout ?? timeoutMs,
      };
    case 'exec':
      return { type: 'exec', command: entry.command, timeoutMs: entry.timeout ?? execTimeoutMs };
  }
}
