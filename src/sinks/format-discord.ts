import { cutText } from '../kit/log-line.ts';
import type { Notification } from '../core/notification.ts';
import { shortText } from './words.ts';

/** Discord refuses longer content. */
const mostChars = 2000;

export interface DiscordBody {
  readonly content: string;
  /** Rings nobody, whatever the text holds. */
  readonly allowed_mentions: { readonly parse: readonly [] };
}

export function discordBody(notification: Notification, host: string): DiscordBody {
  const content = cutText(escaped(shortText(notification, host)), mostChars - 1);
  return { content, allowed_mentions: { parse: [] } };
}

/** Markdown: `a_b_c@.service` is not to become italic. */
function escaped(text: string): string {
  return text.replaceAll(/[\\*_~`|<>#[\]]/gu, (char) => `\\${char}`);
}
