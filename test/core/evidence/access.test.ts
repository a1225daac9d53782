import { describe, expect, test } from 'vitest';
import { accessFault, modeText } from '../../../src/core/evidence/access.ts';
import type { Account, PathStep } from '../../../src/core/evidence/inquiry.ts';

const step = (path: string, mode: number, more: Partial<PathStep> = {}): PathStep => {
  return { path, type: 'directory', mode, uid: 0, gid: 0, hasAcl: false, ...more };
};
const www: Account = { name: 'www', uid: 33, gids: [33, 7] };
const root: Account = { name: 'root', uid: 0, gids: [0] };
const file = (mode: number, more: Partial<PathStep> = {}): PathStep =>
  step('/srv/f', mode, { type: 'file', ...more });

function faultOf(
  steps: readonly PathStep[],
  access: 'read' | 'write' | 'execute',
  account = www,
  missing?: string,
) {
  const isOverriding = account === root;
  return accessFault({ steps, missing, path: '/srv/f', access, account, isOverriding })?.words;
}

describe('the way to a file', () => {
  const way = [step('/', 0o755), step('/srv', 0o755)];

  test.each([
    ['others may read it', [...way, file(0o644)], 'read', undefined],
    ['others may not', [...way, file(0o640)], 'read', '/srv/f is -rw-r----- (uid 0, gid 0)'],
    ['its group may', [...way, file(0o640, { gid: 7 })], 'read', undefined],
    [
      'its owner may not, though others may',
      [...way, file(0o044, { uid: 33 })],
      'read',
      '/srv/f is ----r--r-- (uid 33, gid 0)',
    ],
    ['nobody may run it', [...way, file(0o644)], 'execute', '/srv/f is -rw-r--r-- (uid 0, gid 0)'],
    [
      'a folder on the way is closed',
      [step('/', 0o755), step('/srv', 0o750), file(0o777)],
      'read',
      '/srv is drwxr-x--- (uid 0, gid 0)',
    ],
  ] as const)('%s', (_, steps, access, words) => {
    expect(faultOf(steps, access)).toBe(words);
  });

  test('what is not there can be created where its folder is writable', () => {
    expect(faultOf(way, 'write', www, '/srv/f')).toBe('/srv is drwxr-xr-x (uid 0, gid 0)');
    expect(faultOf([step('/', 0o755), step('/srv', 0o777)], 'write', www, '/srv/f')).toBeUndefined();
  });

  test('root is held back by nothing but a file that nobody may run', () => {
    expect(faultOf([step('/', 0), file(0)], 'write', root)).toBeUndefined();
    expect(faultOf([step('/', 0), file(0o600)], 'execute', root)).toBe('/srv/f is -rw------- (uid 0, gid 0)');
  });
});

test('modes as ls writes them', () => {
  expect(modeText({ type: 'directory', mode: 0o1777 })).toBe('drwxrwxrwx');
  expect(modeText({ type: 'file', mode: 0o4640 })).toBe('-rw-r-----');
});
