import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { verifyDropIn } from '../../src/systemd/verify-drop-in.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'flapd-verifying-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** In the place of systemd-analyze: says what the script says. The real one is asked in the lab. */
function analyzer(script: string): void {
  writeFileSync(path.join(root, 'systemd-analyze'), `#!/bin/sh\n${script}`);
  chmodSync(path.join(root, 'systemd-analyze'), 0o755);
  vi.stubEnv('PATH', `${root}:${process.env['PATH']}`);
}

const ask = (limitMs?: number) =>
  verifyDropIn(path.join(root, 'scratch'), 'web.service', '[Service]\nRestartSec=5s\n', limitMs);

test('what is there without the drop-in too is not held against it', async () => {
  analyzer('echo "web.service: Command /x is not executable" >&2; exit 1');
  expect(await ask()).toEqual({ kind: 'fine' });
});

test('what comes of the drop-in is, whatever the exit status', async () => {
  analyzer(
    'dir=${SYSTEMD_UNIT_PATH%:}; grep -n RestartSec $dir/web.service.d/90-flapd.conf >&2 2>/dev/null; exit 0',
  );
  expect(await ask()).toEqual({ kind: 'complains', complaint: '2:RestartSec=5s' });
  expect(existsSync(path.join(root, 'scratch'))).toBe(false);
});

test('it asks about this unit alone, and finds the drop-in before all other folders', async () => {
  analyzer(
    'echo "$*" >&2; case $SYSTEMD_UNIT_PATH in */scratch:) ;; *) echo "$SYSTEMD_UNIT_PATH $RANDOM" >&2;; esac',
  );
  expect(await ask()).toEqual({ kind: 'fine' });
});

test('a folder that a crash has left is made anew', async () => {
  mkdirSync(path.join(root, 'scratch/web.service.d'), { recursive: true });
  writeFileSync(path.join(root, 'scratch/web.service.d/10-old.conf'), '');
  analyzer(
    'ls ${SYSTEMD_UNIT_PATH%:} >&2; ls ${SYSTEMD_UNIT_PATH%:}/web.service.d/10-old.conf >&2 2>/dev/null; true',
  );
  expect(await ask()).toEqual({ kind: 'complains', complaint: 'web.service.d' });
});

test('one that is not there, or hangs, is not known', async () => {
  vi.stubEnv('PATH', root);
  expect(await ask()).toEqual({ kind: 'unknown', why: 'systemd-analyze is not there' });
  vi.unstubAllEnvs();
  analyzer('exec sleep 60');
  expect(await ask(50)).toEqual({ kind: 'unknown', why: 'systemd-analyze gave no answer within 50 ms' });
});
