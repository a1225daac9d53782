import { expect, it } from 'vitest';
import { labNode } from '../lab/lab.ts';
import { describeFlapd } from '../scenarios/describe-flapd.ts';

/** Answers on one port, and on the next takes connections and is silent. */
const receiver = `
const { appendFileSync } = require('node:fs');
require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    appendFileSync('/run/hook', JSON.stringify({ atMs: Date.now(), body: JSON.parse(body) }) + '\\n');
    response.end('ok');
  });
}).listen(8001, '127.0.0.1');
require('node:net').createServer(() => {}).listen(8002, '127.0.0.1');
`;

const sinks = `
sinks:
  hook: { type: webhook, url: "http://127.0.0.1:8001/" }
  page: { type: exec, command: [/usr/local/bin/page] }
  hangs: { type: webhook, url: "http://127.0.0.1:8002/", timeout: 5min }
`;

const page = `#!/bin/sh
cat >/dev/null
echo "$FLAPD_EVENT $FLAPD_UNIT" >>/run/page
`;

const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=sh -c 'test -e /run/mended && exec sleep infinity; sleep 0.2; exit 1'
Restart=on-failure
`;

/** The first word of a loop waits for its cause, and no longer than this. */
const causeMs = 2000;

interface Heard {
  readonly atMs: number;
  readonly body: {
    readonly event: string;
    readonly at: string;
    readonly incident: { readonly unit: string };
  };
}

describeFlapd(
  'flapd with sinks, one of which hangs',
  {
    files: {
      '/etc/flapd/flapd.yaml': sinks,
      '/usr/local/bin/page': page,
      '/usr/local/lib/receiver.cjs': receiver,
    },
    units: { 'loop.service': unit },
    policies:
      'policies:\n  - name: story\n    match: ["loop.service"]\n    calm_after: 5s\n    loop: [{ restarts: 5, within: 10s }]\n',
  },
  (given) => {
    const heardBy = async (file: string): Promise<readonly string[]> =>
      (await given.lab.exec(['sh', '-c', `cat /run/${file} 2>/dev/null || true`])).stdout.trim().split('\n');

    it(
      'tells the others of a loop within a second, and of its end, once each',
      { timeout: 60_000 },
      async () => {
        const { lab, log, http } = given;
        const start = `[Service]\nExecStart=${labNode(lab.root)} /usr/local/lib/receiver.cjs\n`;
        await lab.addUnits({ 'receiver.service': start });
        await lab.systemctl('start', 'receiver.service', 'loop.service');
        await log.first('incident-opened', ({ event }) => event === 'incident-opened');
        await lab.exec(['touch', '/run/mended']);
        await log.first('incident-closed', ({ event }) => event === 'incident-closed');
        await expect
          .poll(() => heardBy('page'), { timeout: 5000 })
          .toEqual(['opened loop.service', 'closed loop.service']);
        await expect.poll(async () => (await heardBy('hook')).length).toBe(2);
        const heard = (await heardBy('hook')).map((line) => JSON.parse(line) as Heard);
        expect(heard.map(({ body: { event, incident } }) => `${event} ${incident.unit}`)).toEqual([
          'opened loop.service',
          'closed loop.service',
        ]);
        for (const { atMs, body } of heard)
          expect(atMs - Date.parse(body.at)).toBeLessThan(body.event === 'opened' ? causeMs + 1000 : 1000);
        for (const sink of ['hook', 'page'])
          await expect
            .poll(() => http.sum('flapd_notifications_total', { sink, outcome: 'delivered' }))
            .toBe(2);
        expect(await http.sum('flapd_notifications_total', { sink: 'hangs' })).toBe(0);
      },
    );
  },
);
