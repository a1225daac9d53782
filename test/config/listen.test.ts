import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseListen } from '../../src/config/listen.ts';

describe('parseListen', () => {
  it.each([
    ['off', { kind: 'off' }],
    ['127.0.0.1:9843', { kind: 'tcp', host: '127.0.0.1', port: 9843 }],
    ['0.0.0.0:0', { kind: 'tcp', host: '0.0.0.0', port: 0 }],
    ['localhost:65535', { kind: 'tcp', host: 'localhost', port: 65_535 }],
    ['mon-1.example.org:80', { kind: 'tcp', host: 'mon-1.example.org', port: 80 }],
    ['[::1]:9843', { kind: 'tcp', host: '::1', port: 9843 }],
    ['[::]:9843', { kind: 'tcp', host: '::', port: 9843 }],
    ['[fe80::1%eth0]:9843', { kind: 'tcp', host: 'fe80::1%eth0', port: 9843 }],
    ['unix:/run/flapd/http.sock', { kind: 'unix', path: '/run/flapd/http.sock' }],
    [`unix:/${'a'.repeat(106)}`, { kind: 'unix', path: `/${'a'.repeat(106)}` }],
  ])('reads %s', (text, listen) => {
    expect(parseListen(text)).toEqual({ ok: true, listen });
  });

  it.each([
    ['', 'no port'],
    ['localhost', 'no port'],
    ['9843', 'no port'],
    ['[::1]', 'no port'],
    ['[::1]9843', 'no port'],
    ['OFF', 'no port'],
    [':9843', 'no host (0.0.0.0 or [::] is every address)'],
    ['[]:9843', 'no host (0.0.0.0 or [::] is every address)'],
    ['*:9843', '"*" is no host'],
    ['127.0.0.1:', '"" is no port'],
    ['127.0.0.1:http', '"http" is no port'],
    ['127.0.0.1:65536', '"65536" is no port'],
    ['127.0.0.1:-1', '"-1" is no port'],
    ['127.0.0.1:9843 ', '"9843 " is no port'],
    ['256.0.0.1:9843', '"256.0.0.1" is no host'],
    ['127.0.0:9843', '"127.0.0" is no host'],
    ['-a:9843', '"-a" is no host'],
    ['a b:9843', '"a b" is no host'],
    ['http://localhost:9843', 'an IPv6 address without its brackets'],
    ['::1:9843', 'an IPv6 address without its brackets'],
    ['[127.0.0.1]:9843', '"127.0.0.1" is no IPv6 address'],
    ['unix:run/flapd.sock', 'a path that does not start with /'],
    ['unix:', 'a path that does not start with /'],
    ['unix:@flapd', 'a path that does not start with /'],
    ['unix:/run/flapd/', 'a directory, no socket'],
    ['unix:/run/a\0b', 'a path with a NUL'],
    [`unix:/${'a'.repeat(107)}`, 'a path longer than 107 bytes'],
    [`unix:/${'\u00e9'.repeat(54)}`, 'a path longer than 107 bytes'],
  ])('refuses %j: %s', (text, found) => {
    expect(parseListen(text)).toEqual({ ok: false, found });
  });

  it('never throws, and never hangs on a long text', () => {
    expect(parseListen(`${'a-'.repeat(2 ** 19)}:1`).ok).toBe(false);
    fc.assert(fc.property(fc.string(), (text) => typeof parseListen(text).ok === 'boolean'));
  });
});
