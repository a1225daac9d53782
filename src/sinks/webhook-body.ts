import type { Headers } from './headers-file.ts';

/** A request as one kind of receiver wants it. */
export interface WebhookBody {
  readonly headers: Headers;
  readonly body: string;
}
