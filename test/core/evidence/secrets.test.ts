import { expect, test } from 'vitest';
import { maskSecrets } from '../../../src/core/evidence/secrets.ts';

test.each([
  [
    'cannot connect to postgres://app:hunter2@db:5432/app',
    'cannot connect to postgres://app:***@db:5432/app',
  ],
  ['redis://:s3cret@localhost:6379', 'redis://:***@localhost:6379'],
  ['DB_PASSWORD=hunter2 refused', 'DB_PASSWORD=*** refused'],
  ['{"api_key": "abcdef", "port": 1}', '{"api_key": ***, "port": 1}'],
  ['Authorization: Bearer abcdefghijkl.mnop', 'Authorization: Bearer ***'],
  ['exec app --token abc123 --port 80', 'exec app --token *** --port 80'],
  ["MYSQL_PWD='a b c' mysqld", 'MYSQL_PWD=*** mysqld'],
  ['key AKIAIOSFODNN7EXAMPLE', 'key ***'],
  ['token ghp_abcdefghijklmnopqrstuvwxyz0123', 'token ***'],
  ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh', 'jwt ***'],
])('%s', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked);
});

test.each([
  'nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)',
  'password authentication failed for user "app"',
  'open /etc/passwd: no such file or directory',
  'https://example.org:8443/path',
  'password: missing',
])('leaves alone: %s', (text) => {
  expect(maskSecrets(text)).toBe(text);
});

test('takes no longer for a line that is made to take long', () => {
  const long = [`a${'='.repeat(4000)}`, 'password'.repeat(500), `x://${'a'.repeat(4000)}`, '-'.repeat(4000)];
  for (const text of long) expect(maskSecrets(text).length).toBeLessThanOrEqual(text.length + 3);
});
