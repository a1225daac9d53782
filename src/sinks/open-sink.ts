import type { SinkSettings } from '../core/sink-settings.ts';
import type { Clock } from '../kit/clock.ts';
import { AlertmanagerSink } from './alertmanager.ts';
import { emailSink } from './email.ts';
import { execSink } from './exec.ts';
import type { Sink } from './sink.ts';
import { webhookSink } from './webhook.ts';

/** What `settings` describe. Nobody is asked anything before the first delivery. */
export function openSink(settings: SinkSettings, host: string, clock: Clock): Sink {
  switch (settings.type) {
    case 'webhook':
      return webhookSink(settings, host);
    case 'alertmanager':
      return new AlertmanagerSink(settings, host, clock);
    case 'email':
      return emailSink(settings, host);
    case 'exec':
      return execSink(settings, host);
  }
}
