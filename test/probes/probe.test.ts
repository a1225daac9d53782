import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Conclusion, Inquiry } from '../../src/core/evidence/inquiry.ts';
import { type Probe, probing } from '../../src/probes/probe.ts';

/** What the machine answers, as the conclusion's lines. */
async function seen(make: (say: (found: unknown) => Conclusion) => Inquiry): Promise<string> {
  const say = (found: unknown): Conclusion => ({
    state: 'likely',
    sentence: '',
    seen: [JSON.stringify(found)],
  });
  const asked = await probing({ ownUser: '' })(make(say));
  if (asked.kind === 'unanswered') return asked.why;
  return asked.kind === 'concluded' ? (asked.conclusion?.seen[0] ?? '') : asked.kind;
}

test('who listens: this process, and not once it stopped', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = { protocol: 'tcp', address: undefined, port } as const;
  const found = await seen((conclude) => ({ kind: 'listeners', ask, conclude }));
  expect(JSON.parse(found)).toMatchObject({ listeners: [{ address: '127.0.0.1', port, pid: process.pid }] });
  await new Promise((resolve) => server.close(resolve));
  expect(JSON.parse(await seen((conclude) => ({ kind: 'listeners', ask, conclude })))).toMatchObject({
    listeners: [],
  });
});

test('users, groups and commands that are there, and that are not', async () => {
  const account = (user: string, group: string) =>
    seen((conclude) => ({ kind: 'account', ask: { user, group }, conclude }));
  expect(JSON.parse(await account('root', 'root'))).toMatchObject({ userKnown: true, groupKnown: true });
  expect(JSON.parse(await account('no-such-user', 'no-such-group'))).toMatchObject({
    userKnown: false,
    groupKnown: false,
  });
  const command = (name: string) =>
    seen((conclude) => ({ kind: 'command', ask: { name, path: '' }, conclude }));
  expect(await command('sh')).toContain('/sh"');
  expect(await command('no-such-command')).not.toContain('/');
});

test('a path: the way, the mount and whose it is', async () => {
  const ask = { path: '/proc/self/none', whom: { user: '', groups: ['root'], dynamicUser: false } };
  const found = JSON.parse(await seen((conclude) => ({ kind: 'path', ask, conclude })));
  expect(found).toMatchObject({ mount: { point: '/proc', type: 'proc' }, account: { name: 'root', uid: 0 } });
  expect(found.missing).toMatch(/^\/proc\/\d+\/none$/);
});

test('names that resolve, and that never will', async () => {
  const host = (name: string) => seen((conclude) => ({ kind: 'host', ask: name, conclude }));
  expect(await host('localhost')).toContain('"resolved":true');
  // Without a resolver at all, and with one that is silent, it is the same: nobody knows.
  expect(await host('no-such-host.invalid')).toMatch(/"resolved":false|no answer/);
});

test('texts: what can be read of what was asked', async () => {
  const texts = (paths: readonly string[]) =>
    seen((conclude) => ({ kind: 'text', ask: { paths }, conclude }));
  expect(await texts(['/no/such/file', '/dev/zero', '/'])).toBe(
    "its scripts and environment files can't be read",
  );
  expect(await texts(['/proc/self/none', '/etc/passwd'])).toContain('root:');
});

test('what is asked twice of one explanation is looked at once, and anew for the next', async () => {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'flapd-probe-')), 'file');
  const textIn = async (probe: Probe): Promise<unknown> => {
    const conclude = ({ files }: { readonly files: readonly { readonly text: string }[] }): Conclusion => ({
      state: 'likely',
      sentence: '',
      seen: files.map(({ text }) => text),
    });
    const asked = await probe({ kind: 'text', ask: { paths: [file] }, conclude });
    return asked.kind === 'concluded' ? asked.conclusion?.seen : asked;
  };
  const one = probing({ ownUser: '' });
  await writeFile(file, 'before');
  expect(await textIn(one)).toEqual(['before']);
  await writeFile(file, 'after');
  expect(await textIn(one)).toEqual(['before']);
  expect(await textIn(probing({ ownUser: '' }))).toEqual(['after']);
  await rm(path.dirname(file), { recursive: true });
});
