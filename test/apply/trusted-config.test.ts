import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { killed, switchedOff } from '../../src/apply/apply-switch.ts';
import { loadTrustedConfig } from '../../src/apply/trusted-config.ts';

const owner = process.getuid?.() ?? 0;
const policies = 'policies:\n  - name: mine\n    match: web\n    mode: apply\n';
let root = '';
let dir = '';

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'flapd-trusted-'));
  dir = path.join(root, 'flapd');
  mkdirSync(path.join(dir, 'policies.d'), { recursive: true });
  writeFileSync(path.join(dir, 'flapd.yaml'), 'apply: on\n');
  writeFileSync(path.join(dir, 'policies.d/10-mine.yaml'), policies);
});
afterEach(() => rmSync(root, { recursive: true }));

/** The way to a temporary folder leads through one that all may write: only what is below `root` is looked at. */
const load = () => loadTrustedConfig('flapd', owner, root);

const faults: readonly [what: string, make: () => void, says: string][] = [
  ['its folder is writable by others', () => chmodSync(dir, 0o775), 'flapd is writable by others'],
  [
    'its policies are writable by others',
    () => chmodSync(path.join(dir, 'policies.d'), 0o777),
    'policies.d is writable by others',
  ],
  [
    'a policy is writable by others',
    () => chmodSync(path.join(dir, 'policies.d/10-mine.yaml'), 0o664),
    '10-mine.yaml is writable by others',
  ],
  [
    'flapd.yaml is writable by others',
    () => chmodSync(path.join(dir, 'flapd.yaml'), 0o606),
    'flapd.yaml is writable by others',
  ],
  [
    'a policy is a link',
    () => symlinkSync('/dev/null', path.join(dir, 'policies.d/20-link.yaml')),
    '20-link.yaml is a link, or no file',
  ],
  [
    'its folder is a link',
    () => {
      renameSync(dir, `${dir}.real`);
      symlinkSync(`${dir}.real`, dir);
    },
    'flapd is a link, or no folder',
  ],
  [
    'it has a mistake',
    () => writeFileSync(path.join(dir, 'flapd.yaml'), 'aply: on\n'),
    'the configuration has a mistake',
  ],
];

describe('loadTrustedConfig', () => {
  it('reads what only its owner can have written', async () => {
    const read = await load();
    expect(read.ok && read.config.policies.map(({ name, mode }) => `${name} ${mode}`)).toEqual([
      'mine apply',
      'default recommend',
    ]);
  });

  it('goes by the built-in policy where there is none', async () => {
    rmSync(dir, { recursive: true });
    const read = await load();
    expect(read.ok && read.config.policies.map(({ name }) => name)).toEqual(['default']);
  });

  test.each(faults)('is not gone by where %s', async (_, make, says) => {
    make();
    expect(await load()).toMatchObject({ ok: false, reason: expect.stringContaining(says) });
  });

  it('nor where it belongs to another user', async () => {
    expect(await loadTrustedConfig('flapd', 4242, root)).toMatchObject({ ok: false });
  });
});

describe('the switches', () => {
  it('are off by flapd.yaml, and by a file of any kind', () => {
    expect(switchedOff(dir, { apply: 'on' })).toBeUndefined();
    expect(switchedOff(dir, { apply: 'off' })?.reason).toBe(`${dir}/flapd.yaml says "apply: off"`);
    symlinkSync('/nowhere', path.join(dir, 'stop-applying'));
    expect(switchedOff(dir, { apply: 'on' })).toMatchObject({
      rule: 'switch',
      hint: `rm ${dir}/stop-applying`,
    });
    expect(killed(path.join(root, 'no-such'))).toBeUndefined();
  });
});
