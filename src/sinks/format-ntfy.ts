import type { Notification } from '../core/notification.ts';
import type { WebhookBody } from './webhook-body.ts';
import { shortText, titleOf } from './words.ts';

/** For a topic of ntfy (docs.ntfy.sh, "Publishing"): the text is the body, the rest are headers. */
export function ntfyBody(notification: Notification, host: string): WebhookBody {
  const { priority, tags } = lookOf(notification);
  return {
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      Title: ascii(titleOf(notification, host)),
      Priority: priority,
      Tags: tags,
    },
    body: shortText(notification, host),
  };
}

/** From 1, seen when one looks, to 5, rings until it is seen; 3 is the usual one. */
function lookOf({ event, incident, isTest }: Notification): { priority: string; tags: string } {
  if (isTest) return { priority: '3', tags: 'test_tube' };
  if (event === 'closed') return { priority: '3', tags: 'white_check_mark' };
  if (event === 'applied' || event === 'helped') return { priority: '3', tags: 'wrench' };
  if (event === 'reminder') return { priority: '3', tags: 'hourglass' };
  return incident.kind === 'braked'
    ? { priority: '5', tags: 'rotating_light' }
    : { priority: '4', tags: 'warning' };
}

/** Unit names are ASCII; the name of a host need not be, and a header must. */
function ascii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/gu, '?');
}
