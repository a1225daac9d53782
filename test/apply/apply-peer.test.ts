import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peerFault, peerUid } from '../../src/apply/apply-peer.ts';

let folder = '';
let passwd = '';
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'flapd-peer-'));
  passwd = path.join(folder, 'passwd');
  writeFileSync(
    passwd,
    'root:x:0:0::/root:/bin/sh\nnotflapd:x:77:77::/:\nflapd:x:998:997::/var/lib/flapd:\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the peer', () => {
  test.each([
    ['0-103-65534', 65_534],
    ['17-80-0', 0],
    ['0-4098-85_164423-998', 998],
    ['', undefined],
    ['0-103', undefined],
    ['0-103-x', undefined],
    ['0-103-998-', undefined],
    ['0-103--998', undefined],
    ['x-1-998', undefined],
    ['0-1-99999999999', undefined],
    ['0-1-998\n', undefined],
  ])('of instance %j is user %s', (instance, uid) => {
    expect(peerUid(instance)).toBe(uid);
  });

  test.each([
    ['root', '0-1-0', undefined],
    ['flapd', '0-1-998', undefined],
    ['another', '0-1-77', 'user 77 asks; expected flapd or root'],
    ['nobody knows who', 'x', 'it is not known who asks'],
  ])('%s: %3$s', (_, instance, fault) => {
    expect(peerFault(instance, passwd)).toBe(fault);
  });
});
