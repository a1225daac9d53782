import { expect, test } from 'vitest';
import type { RestartSettings } from '../../../src/core/systemd/restart-settings.ts';
import { refusalOf } from '../../../src/core/systemd/setting-refusal.ts';
import { settingsOf, signals, statuses } from './ending-cases.ts';

test.each<readonly [settings: Partial<RestartSettings>, refusal: string | undefined]>([
  [{ type: 'oneshot', restart: 'always' }, 'systemd refuses a oneshot with Restart=always'],
  [{ type: 'oneshot', restart: 'on-success' }, 'systemd refuses a oneshot with Restart=on-success'],
  [{ type: 'oneshot', restart: 'on-failure' }, undefined],
  [{ type: 'simple', restart: 'always' }, undefined],
  [
    { type: 'oneshot', restart: 'on-failure', systemdVersion: 244 },
    'systemd 244 refuses a oneshot with Restart=on-failure',
  ],
  [{ type: 'oneshot', restart: 'on-failure', systemdVersion: 245 }, undefined],
  [{ type: 'oneshot', restart: 'no', systemdVersion: 244 }, undefined],
  [
    { type: 'oneshot', forceExitStatus: signals(13), systemdVersion: 255 },
    'systemd 255 refuses a oneshot with RestartForceExitStatus=',
  ],
  [{ type: 'oneshot', forceExitStatus: statuses(0), systemdVersion: 256 }, undefined],
  [{ type: 'simple', forceExitStatus: statuses(0), systemdVersion: 255 }, undefined],
])('%o: %s', (settings, refusal) => {
  expect(refusalOf(settingsOf(settings))).toBe(refusal);
});
