import type { WebhookSettings } from '../core/sink-settings.ts';
import { readHeaders } from './headers-file.ts';
import { httpPost } from './http-post.ts';
import type { Sink } from './sink.ts';
import { formats } from './webhook-format.ts';

export function webhookSink(settings: WebhookSettings, host: string): Sink {
  const { url, headersFile, format, timeoutMs } = settings;
  return {
    deliver: async (notification, signal) => {
      const secret = await readHeaders(headersFile);
      if (!secret.ok) return { kind: 'failed', why: secret.why, retryable: true };
      const { headers, body } = formats[format](notification, host);
      return httpPost({ url, headers, secretHeaders: secret.value, body, timeoutMs }, signal);
    },
  };
}
