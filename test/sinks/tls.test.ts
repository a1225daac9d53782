import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpPost } from '../../src/sinks/http-post.ts';
import { buildFlapd, type FlapdProgram } from '../cli/flapd-program.ts';
import { neverAborted } from './samples.ts';

const haveOpenssl = ((): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!haveOpenssl)('a server with a certificate of its own (needs the package openssl)', () => {
  let folder: string;
  let server: Server;
  let port: number;
  let flapd: FlapdProgram;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'flapd-tls-'));
    const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const what = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', [...what, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) => {
      request.resume();
      response.end('ok');
    });
    server.listen(0, 'localhost');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
    flapd = await buildFlapd();
  });
  afterAll(() => {
    server.close();
    flapd.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is not trusted, and told nothing', async () => {
    const url = `https://localhost:${String(port)}`;
    const post = { url, headers: {}, secretHeaders: {}, body: 'secret', timeoutMs: 5000 };
    expect(await httpPost(post, neverAborted)).toEqual({
      kind: 'failed',
      why: `Cannot post to "${url}": its certificate is self-signed; expected an answer`,
      retryable: true,
    });
  });

  test('is told where it is trusted, under its own name only', async () => {
    const config = path.join(folder, 'config');
    mkdirSync(config);
    const sinkAt = (host: string): string => `{ type: webhook, url: "https://${host}:${String(port)}/hook" }`;
    const address = (server.address() as AddressInfo).family === 'IPv6' ? '[::1]' : '127.0.0.1';
    writeFileSync(
      path.join(config, 'flapd.yaml'),
      `sinks:\n  name: ${sinkAt('localhost')}\n  address: ${sinkAt(address)}\n`,
    );
    const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: path.join(folder, 'cert.pem') };
    const { code, stdout } = await flapd.run(['notify-test', '--config', config], { env });
    expect(stdout).toMatch(
      /^name: delivered, 200 OK in \S+\naddress: .*its certificate is for another name; /u,
    );
    expect(code).toBe(1);
  });
});
