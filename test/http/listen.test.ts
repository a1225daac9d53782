import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { explainListen } from '../../src/http/listen-fault.ts';
import type { Listen } from '../../src/http/listen.ts';
import { AppError } from '../../src/kit/errors.ts';
import { ask, closeAll, portOf, serve } from './client.ts';

const folder = mkdtempSync(join(tmpdir(), 'flapd-listen-'));

afterEach(closeAll);
afterAll(() => rmSync(folder, { recursive: true }));

async function refusal(listen: Listen): Promise<AppError> {
  const outcome = await serve({}, listen).catch((thrown: unknown) => thrown);
  if (outcome instanceof AppError) return outcome;
  throw new Error('it was not refused');
}

describe('listening on a port', () => {
  test('tells the address with the port that was given', async () => {
    expect((await serve()).address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/u);
    expect((await serve({}, { kind: 'tcp', host: '::1', port: 0 })).address).toMatch(/^\[::1\]:[1-9]\d*$/u);
  });

  test('a port in use is told, with the command that shows by whom', async () => {
    const port = portOf(await serve());
    const error = await refusal({ kind: 'tcp', host: '127.0.0.1', port });
    expect(error.message).toBe(
      `Cannot listen on "127.0.0.1:${port}": the port is in use; expected a free port`,
    );
    expect([error.hint, error.exitCode]).toEqual([`ss -ltnp 'sport = :${port}'`, 1]);
  });

  test('an address of another host and a name without address are told', async () => {
    const foreign = await refusal({ kind: 'tcp', host: '192.0.2.1', port: 9843 });
    expect(foreign.message).toBe(
      'Cannot listen on "192.0.2.1:9843": this host has no such address; expected one of its own',
    );
    const unknown = await refusal({ kind: 'tcp', host: 'no.such.invalid', port: 9843 });
    expect(unknown.message).toContain('"no.such.invalid:9843": the name has no address; expected');
  });
});

describe('explainListen()', () => {
  const port: Listen = { kind: 'tcp', host: '127.0.0.1', port: 80 };

  test('a port that is not for this user is a matter of configuration', () => {
    const error = explainListen(port, Object.assign(new Error('denied'), { code: 'EACCES' }));
    expect(error.message).toBe(
      'Cannot listen on "127.0.0.1:80": this user may not open the port; expected a port that it may open',
    );
    expect([error.hint, error.exitCode]).toEqual(['sysctl net.ipv4.ip_unprivileged_port_start', 2]);
  });

  test('what it has no words for keeps its own', () => {
    const error = explainListen(port, new Error('something new'));
    expect(error.message).toBe(
      'Cannot listen on "127.0.0.1:80": something new; expected an address that can be opened',
    );
  });
});

describe('listening on a unix socket', () => {
  test('makes it for owner and group, and removes it at the end', async () => {
    const path = join(folder, 'mode.sock');
    const server = await serve({}, { kind: 'unix', path });
    expect(server.address).toBe(`unix:${path}`);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('660');
    await server.close();
    expect(existsSync(path)).toBe(false);
  });

  test('replaces a socket that nobody listens on', async () => {
    const path = join(folder, 'stale.sock');
    const left = createServer();
    await new Promise<void>((resolve) => left.listen(`${path}.1`, resolve));
    // Moved away it is not removed at the end, as by a daemon that was killed.
    renameSync(`${path}.1`, path);
    await new Promise((resolve) => left.close(resolve));
    expect(statSync(path).isSocket()).toBe(true);
    const server = await serve({}, { kind: 'unix', path });
    expect((await ask(server, '/healthz')).status).toBe(200);
  });

  test('leaves a socket alone that somebody listens on', async () => {
    const path = join(folder, 'live.sock');
    const first = await serve({}, { kind: 'unix', path });
    const error = await refusal({ kind: 'unix', path });
    expect(error.message).toBe(
      `Cannot listen on "unix:${path}": a process answers there; expected a free path`,
    );
    expect((await ask(first, '/healthz')).status).toBe(200);
  });

  test('leaves a file alone that is no socket', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'precious');
    expect((await refusal({ kind: 'unix', path })).message).toContain('it is there and is no socket');
    expect(statSync(path).size).toBe(8);
  });

  test('tells of a folder that is not there, and of a path that is too long', async () => {
    const missing = await refusal({ kind: 'unix', path: join(folder, "it's/not/there.sock") });
    expect(missing.message).toContain('its folder does not exist');
    expect(missing.hint).toBe(`ls -ld '${folder}/it'\\''s/not'`);
    const long = await refusal({ kind: 'unix', path: `/tmp/${'a'.repeat(103)}` });
    expect(long.message).toContain('too long for a socket; expected at most 107 bytes');
  });
});
