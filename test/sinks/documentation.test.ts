import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { payloadOf } from '../../src/sinks/payload.ts';
import { host, notificationOf } from './samples.ts';

test('the example of docs/notifications.md is what is sent', () => {
  const page = readFileSync(path.join(import.meta.dirname, '../../docs/notifications.md'), 'utf8');
  const [, example = ''] = /```json\n(.*?)```/su.exec(page) ?? [];
  expect(JSON.parse(example)).toEqual(payloadOf(notificationOf('opened'), host));
});
