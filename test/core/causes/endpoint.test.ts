import { expect, test } from 'vitest';
import { endpointIn } from '../../../src/core/causes/endpoint.ts';

test.each([
  ['bind() to 0.0.0.0:80 failed (98: Address already in use)', 'tcp', undefined, 80],
  ['could not bind to address [::]:443', 'tcp', undefined, 443],
  ['bind() to [::1]:8080 failed', 'tcp', '::1', 8080],
  ['listen EADDRINUSE: address already in use :::3000', 'tcp', undefined, 3000],
  ['listen tcp :8080: bind: address already in use', 'tcp', undefined, 8080],
  ['listen udp 10.1.2.3:53: bind: address already in use', 'udp', '10.1.2.3', 53],
  [
    "error while attempting to bind on address ('127.0.0.1', 8000): address already in use",
    'tcp',
    '127.0.0.1',
    8000,
  ],
  ['error: Bind to port 22 on 0.0.0.0 failed: Address already in use.', 'tcp', undefined, 22],
  ['failed to create listening socket for port 53: Address already in use', 'tcp', undefined, 53],
  ['Web server failed to start. Port 8080 was already in use.', 'tcp', undefined, 8080],
  ['cannot bind socket (Address already in use) [0.0.0.0:80]', 'tcp', undefined, 80],
  ['Address already in use - bind(2) for "0.0.0.0" port 3000 (Errno::EADDRINUSE)', 'tcp', undefined, 3000],
  ['Error 111 connecting to localhost:6379. Connection refused.', 'tcp', 'localhost', 6379],
  ['connection to server at "127.0.0.1", port 5432 failed: Connection refused', 'tcp', '127.0.0.1', 5432],
  ["Can't connect to MySQL server on 'db.example.org:3306' (111)", 'tcp', 'db.example.org', 3306],
])('%s', (text, protocol, address, port) => {
  expect(endpointIn(text)).toEqual({ protocol, address, port });
});

test.each([
  '2026-11-24 12:00:40 Address already in use',
  'bind: Address already in use (errno 98)',
  'main.go:42: address already in use',
  'port 99999 already in use',
])('names no port: %s', (text) => {
  expect(endpointIn(text)).toBeUndefined();
});
