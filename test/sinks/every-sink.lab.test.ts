import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeFlapd, type Given } from '../scenarios/describe-flapd.ts';
import {
  alertmanagerCommand,
  alertmanagerConfig,
  haveAlertmanager,
  haveSmtpServer,
  noAlertmanager,
  noSmtpServer,
  python,
  smtpScript,
} from './programs.ts';

/** Only the lab over this machine's own root has this machine's programs. */
function whyNot(): string | undefined {
  const root = process.env['FLAPD_LAB_ROOT'] ?? 'host';
  if (!['host', 'bookworm', '/'].includes(root))
    return `the root of ${root} has no mail server and no Alertmanager`;
  if (!haveAlertmanager) return noAlertmanager;
  return haveSmtpServer ? undefined : noSmtpServer;
}

const why = whyNot();
const skipped = why === undefined ? '' : ` (skipped: ${why})`;
if (why !== undefined) process.stderr.write(`skipped: ${why}\n`);

const sinks = `sinks:
  alertmanager: { type: alertmanager, url: "http://127.0.0.1:9093" }
  mail: { type: email, smtp: "smtp://127.0.0.1:8025", from: flapd@example.org, to: ops@example.org }
  page: { type: exec, command: [/usr/local/bin/page] }
  hook: { type: webhook, url: "http://127.0.0.1:8001/secret-path" }
  fails: { type: webhook, url: "http://127.0.0.1:8003/secret-path" }
  redirects: { type: webhook, url: "http://127.0.0.1:8004/secret-path" }
  floods: { type: webhook, url: "http://127.0.0.1:8005/secret-path" }
  hangs: { type: webhook, url: "http://127.0.0.1:8006/secret-path", timeout: 1s }
  refuses: { type: webhook, url: "http://127.0.0.1:8007/secret-path" }
`;

/** One that floods has said 200 before: it has taken what it was told. */
const healthy = ['alertmanager', 'mail', 'page', 'hook', 'floods'];

const files = {
  '/etc/flapd/flapd.yaml': sinks,
  // No process but itself: each more would be late on a busy machine.
  '/usr/local/bin/page': `#!/bin/bash
at=\${EPOCHREALTIME/./}
echo "{\\"sink\\":\\"page\\",\\"event\\":\\"$FLAPD_EVENT\\",\\"unit\\":\\"$FLAPD_UNIT\\",\\"atMs\\":\${at%???}}" >>/run/heard
`,
  '/usr/local/lib/far-ends.cjs': readFileSync(path.join(import.meta.dirname, 'far-ends.cjs'), 'utf8'),
  '/usr/local/lib/smtp-server.py': readFileSync(smtpScript, 'utf8'),
  '/srv/alertmanager/alertmanager.yml': alertmanagerConfig('http://127.0.0.1:8002/'),
  '/srv/mail/.keep': '',
};

/** Each dies in its own way: three incidents, not one. */
const looping = ['one.service', 'two.service', 'three.service'];
const units = {
  'far-ends.service': `[Service]\nExecStart=${process.execPath} /usr/local/lib/far-ends.cjs\n`,
  'alertmanager.service': `[Service]\nExecStart=${alertmanagerCommand('/srv/alertmanager', 9093).join(' ')}\n`,
  'mail.service': `[Service]\nExecStart=${python} /usr/local/lib/smtp-server.py 8025 /srv/mail ""\n`,
  ...Object.fromEntries(
    looping.map((unit, index) => [
      unit,
      `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c '[ -e /run/mended ] && exec sleep infinity; exit ${index + 1}'
Restart=on-failure
RestartSec=800ms
`,
    ]),
  ),
};

const policies =
  'policies:\n  - name: story\n    match: "*"\n    calm_after: 5s\n    loop: [{ restarts: 4, within: 1min }]\n';

interface Heard {
  readonly sink: string;
  /** `opened` and `closed`; Alertmanager says `firing` and `resolved`. */
  readonly event: string;
  readonly unit: string;
  readonly atMs: number;
}

/** When each mail was whole, which incident it begins or ends, and its unit, which the subject begins with. */
const mails = `cd /srv/mail && for n in $(ls *.eml | sort -n); do
  echo "$(date -r $n +%s%3N) $(sed -n 's/^Message-ID: <flapd\\.[^.]*\\.\\([a-z]*\\)[.@].*/\\1/p' $n) $(sed -n 's/^Subject: \\([^ ]*\\).*/\\1/p' $n)"
done`;

async function heard({ lab }: Given): Promise<readonly Heard[]> {
  const lines = async (script: string): Promise<readonly string[]> =>
    (await lab.exec(['sh', '-c', script])).stdout.split('\n').filter((line) => line !== '');
  const asked = (await lines('cat /run/heard 2>/dev/null')).map((line): Heard => JSON.parse(line));
  const mailed = (await lines(mails)).map((line) => {
    const [atMs, event = '', unit = ''] = line.split(' ');
    return { sink: 'mail', event, unit, atMs: Number(atMs) };
  });
  return [...asked, ...mailed].map((one) => ({ ...one, event: inFlapdsWords[one.event] ?? one.event }));
}

const inFlapdsWords: Readonly<Record<string, string>> = { firing: 'opened', resolved: 'closed' };

/** Of each healthy sink, what it heard of each unit, in order. */
function stories(all: readonly Heard[]): object {
  return Object.fromEntries(
    healthy.map((sink) => [
      sink,
      Object.fromEntries(
        looping.map((unit) => [
          unit,
          all.flatMap((one) => (one.sink === sink && one.unit === unit ? one.event : [])),
        ]),
      ),
    ]),
  );
}

const each = (events: readonly string[]): object =>
  Object.fromEntries(
    healthy.map((sink) => [sink, Object.fromEntries(looping.map((unit) => [unit, events]))]),
  );

const complaints = /^Sink "(fails|redirects|hangs|refuses)" /;
const mostResidentBytes = 120e6;
/** A second on a machine of its own; this one starts nine programs on two cores meanwhile. */
const mostLateMs = 3000;
const patience = { timeout: 5000, interval: 500 };

describe.skipIf(why !== undefined)(`every kind of sink${skipped}`, () => {
  describeFlapd(
    'nine sinks at once, of which five are bad',
    { files, units, policies, complaints },
    (given) => {
      /** Of each opening at each far end: how long after the line in the log. */
      const latenessMs = async (): Promise<readonly (readonly [sink: string, unit: string, ms: number])[]> =>
        (await heard(given)).flatMap(({ sink, event, unit, atMs }) => {
          if (event !== 'opened' || !healthy.includes(sink)) return [];
          const line = given.log.lines.find((one) => one.unit === unit && one.event === 'incident-opened');
          return [[sink, unit, atMs - Date.parse(line?.time ?? '')]];
        });

      it('each loop is told once, and soon, to all who can hear', async () => {
        const { lab, log, http } = given;
        await lab.systemctl('start', 'far-ends.service', 'alertmanager.service', 'mail.service');
        const ports = [8001, 8002, 8003, 8004, 8005, 8006, 8025, 9093];
        const knock = ports.map((port) => `: </dev/tcp/127.0.0.1/${port}`).join(' && ');
        const knocked = async () => (await lab.exec(['bash', '-c', knock])).code;
        await expect.poll(knocked, { timeout: 20_000, interval: 300 }).toBe(0);
        for (const unit of looping) {
          await lab.systemctl('start', unit);
          await log.first(`${unit} loops`, (line) => line.unit === unit && line.event === 'incident-opened');
        }
        await expect.poll(async () => stories(await heard(given)), patience).toEqual(each(['opened']));
        const late = await latenessMs();
        expect(late).toHaveLength(healthy.length * looping.length);
        expect(late.filter(([, , ms]) => !(ms < mostLateMs))).toEqual([]);
        expect(await http.sum('process_resident_memory_bytes')).toBeLessThan(mostResidentBytes);
      });

      it('and its end once, though three come at once', async () => {
        const { lab, log, http } = given;
        await lab.writeFile('/run/mended', '');
        await log.several('three ends', 3, ({ event }) => event === 'incident-closed');
        await expect
          .poll(async () => stories(await heard(given)), patience)
          .toEqual(each(['opened', 'closed']));
        const news = (unit: string): readonly string[] =>
          log.lines.flatMap((line) =>
            line.unit === unit && line.event?.startsWith('incident-') === true ? line.event : [],
          );
        for (const unit of looping) expect(news(unit)).toEqual(['incident-opened', 'incident-closed']);
        expect(await http.sum('process_resident_memory_bytes')).toBeLessThan(mostResidentBytes);
      });

      it('the counts add up', async () => {
        const { http } = given;
        const countsOf = async (sink: string): Promise<Record<string, number>> =>
          Object.fromEntries(
            (await http.samples()).flatMap(({ name, labels, value }) =>
              name === 'flapd_notifications_total' && labels['sink'] === sink
                ? [[labels['outcome'], value] as const]
                : [],
            ),
          );
        const told = { delivered: 2 * looping.length, retried: 0, dead: 0 };
        for (const sink of healthy) expect({ sink, ...(await countsOf(sink)) }).toEqual({ sink, ...told });
        // refused for good, each time
        expect(await countsOf('redirects')).toEqual({ delivered: 0, retried: 0, dead: 2 * looping.length });
        // each request was answered, and each answer counted
        const uncounted = async (): Promise<number> => {
          const asked = (await heard(given)).filter(({ sink }) => sink === 'fails').length;
          return asked - ((await countsOf('fails'))['retried'] ?? 0);
        };
        await expect.poll(uncounted, patience).toBe(0);
        for (const sink of ['fails', 'hangs', 'refuses']) {
          const { retried = 0, ...others } = await countsOf(sink);
          expect(retried).toBeGreaterThan(2);
          expect(others).toEqual({ delivered: 0, dead: 0 });
        }
      });

      it('each bad one is complained of, and no line shows a path', () => {
        const { log } = given;
        const saying = (words: string): readonly (string | undefined)[] =>
          log.lines.flatMap(({ message }) => (message.includes(words) ? message.split('"')[1] : []));
        expect(new Set(saying('" fails: '))).toEqual(new Set(['fails', 'hangs', 'refuses']));
        expect(saying('" fails: ')).toHaveLength(3);
        expect(saying('" will not be told ')).toEqual(Array(2 * looping.length).fill('redirects'));
        expect(log.lines.filter((line) => JSON.stringify(line).includes('secret-path'))).toEqual([]);
      });
    },
  );
});
