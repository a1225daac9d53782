import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { closeReceivers, freePort, receive } from '../sinks/receiver.ts';
import { buildFlapd, type FlapdProgram } from './flapd-program.ts';

let flapd: FlapdProgram;
beforeAll(async () => {
  flapd = await buildFlapd();
});
afterAll(() => flapd.remove());
afterEach(closeReceivers);

let count = 0;

/** Runs `flapd notify-test` where these are the sinks. */
function notifyTest(sinks: string, ...args: string[]): ReturnType<FlapdProgram['run']> {
  count += 1;
  const dir = path.join(flapd.folder, `config-${String(count)}`);
  mkdirSync(dir);
  writeFileSync(path.join(dir, 'flapd.yaml'), `sinks:${sinks}\n`);
  return flapd.run(['notify-test', '--config', dir, ...args]);
}

test('each sink is told once what is plainly a test, and says what came back', async () => {
  const ops = await receive();
  const fails = await receive((response) => response.writeHead(503).end());
  const sinks = `
  ops: { type: webhook, url: "${ops.url}/hook/T0SECRET99" }
  chat: { type: webhook, url: "${fails.url}/hook/T0SECRET99", format: slack }
  page: { type: exec, command: [/bin/cat] }`;
  const ended = await notifyTest(sinks);
  expect(ended).toEqual({
    code: 1,
    stderr: '',
    stdout: expect.stringMatching(
      new RegExp(
        `^ops: delivered, 200 OK in \\S+\n` +
          `chat: Cannot post to "${fails.url}": it answers 503 Service Unavailable; expected 2xx\n` +
          `page: delivered, exit status 0 in \\S+\n$`,
        'u',
      ),
    ) as string,
  });
  expect(fails.asked).toHaveLength(1);
  expect(JSON.parse(ops.asked[0]?.body ?? '')).toMatchObject({
    version: 1,
    event: 'opened',
    test: true,
    incident: {
      unit: 'flapd-notify-test.service',
      sentence: expect.stringMatching(/^This is a test: /u) as string,
    },
  });
});

test('one sink by its name, as JSON', async () => {
  const [ops, dev] = [await receive(), await receive()];
  const sinks = `
  ops: { type: webhook, url: "${ops.url}" }
  dev: { type: alertmanager, url: "${dev.url}" }`;
  const { code, stdout } = await notifyTest(sinks, '--json', 'dev');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([
    {
      sink: 'dev',
      type: 'alertmanager',
      delivered: true,
      answer: '200 OK',
      durationSeconds: expect.any(Number) as number,
    },
  ]);
  expect([ops.asked.length, dev.asked.length]).toEqual([0, 1]);
});

test('a mail server that is not there', async () => {
  const smtp = `smtp://127.0.0.1:${String(await freePort())}`;
  const { code, stdout } = await notifyTest(`
  mail: { type: email, smtp: "${smtp}", from: flapd@example.org, to: ops@example.org }`);
  expect(code).toBe(1);
  expect(stdout).toContain(`mail: Cannot mail through "${smtp}": `);
});

const two = `
  ops: { type: exec, command: [/bin/true] }
  mail: { type: exec, command: [/bin/true] }`;

test.each<[args: string[], sentence: string]>([
  [['opps'], 'Cannot test "opps": no sink has this name; expected "ops".'],
  [['pager'], 'Cannot test "pager": no sink has this name; expected one of ops, mail.'],
  [['constructor'], 'Cannot test "constructor": no sink has this name; expected one of ops, mail.'],
  [['ops', 'mail'], 'Cannot test "mail" too: one sink at a time, or all of them; expected one name or none.'],
])('%j is wrong usage with two sinks', async (args, sentence) => {
  const { code, stdout, stderr } = await notifyTest(two, ...args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(sentence);
});

test('nothing to test is wrong usage', async () => {
  const { code, stderr } = await notifyTest(' {}');
  expect(code).toBe(2);
  expect(stderr).toContain('it has none; expected "sinks:" in flapd.yaml.');
});
