import type { Notification } from '../core/notification.ts';
import type { WebhookSettings } from '../core/sink-settings.ts';
import { discordBody } from './format-discord.ts';
import { ntfyBody } from './format-ntfy.ts';
import { slackBody } from './format-slack.ts';
import { payloadOf } from './payload.ts';
import type { WebhookBody } from './webhook-body.ts';

/** A request as one kind of receiver wants it. */
type Format = (notification: Notification, host: string) => WebhookBody;

export const formats: Readonly<Record<WebhookSettings['format'], Format>> = {
  json: (notification, host) => jsonBody(payloadOf(notification, host)),
  slack: (notification, host) => jsonBody(slackBody(notification, host)),
  discord: (notification, host) => jsonBody(discordBody(notification, host)),
  ntfy: ntfyBody,
};

function jsonBody(value: object): WebhookBody {
  return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}
