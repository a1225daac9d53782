import { expect, test } from 'vitest';
import { majorVersion } from '../../../src/core/systemd/systemd-version.ts';

test.each([
  ['252.38-1~deb12u1', 252],
  ['262~rc2-1', 262],
  ['v256-rc4', 256],
  ['257', 257],
  ['', undefined],
  ['unknown', undefined],
])('%s is version %s', (text, version) => {
  expect(majorVersion(text)).toBe(version);
});
