import type { Notification } from '../core/notification.ts';
import { shortText } from './words.ts';

/** For Slack, and for Mattermost and Rocket.Chat, which take the same. */
export function slackBody(notification: Notification, host: string): { readonly text: string } {
  return { text: escaped(shortText(notification, host)) };
}

/** Slack's three; without them `<!channel>` would ring everybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
