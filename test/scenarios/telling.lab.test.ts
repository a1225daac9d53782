import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Payload } from '../../src/sinks/payload.ts';
import { flapdInLab, labNode, type Lab } from '../lab/lab.ts';
import { describeFlapd, type Given } from './describe-flapd.ts';

const clients = Array.from({ length: 50 }, (_, index) => `client${index}.service`);

/** Loops until /run/NAME is there. Fifty at a time leave PID 1 some air, and can't become twice as fast. */
function loopUntil(name: string, status: number, more = '', restartSec = '700ms'): string {
  return `[Unit]
StartLimitIntervalSec=0
${more}
[Service]
ExecStart=sh -c '[ -e /run/${name} ] && exec sleep infinity; sleep 0.3; exit ${status}'
Restart=on-failure
RestartSec=${restartSec}
`;
}

/** One that only wants the database goes on alone, one that requires it is stopped and started with it. */
const ties = ['Wants', 'Requires'];

const units = {
  // Those that require it start it too: at less than a second a restart it is as fast as is told.
  'db.service': loopUntil('db-mended', 1, '', '300ms'),
  // Each with a status of its own: only systemd's dependencies tie them together.
  ...Object.fromEntries(
    clients.map((unit, index) => [
      unit,
      loopUntil('db-mended', index + 2, `${ties[index % ties.length]}=db.service\nAfter=db.service`, '1s'),
    ]),
  ),
  'own.service': loopUntil('own-mended', 1),
  'edited.service': loopUntil('edited-mended', 3),
  'kept.service': loopUntil('kept-mended', 4),
};

const policies = `policies:
  - name: lab
    match: "*"
    loop: [{ restarts: 5, within: 2min }]
    calm_after: 5s
`;

/** A sink that hears, one that never answers, and one that nobody serves. */
const files = {
  '/etc/flapd/flapd.yaml': `sinks:
  hears: { type: exec, command: [/usr/local/bin/hear] }
  hangs: { type: webhook, url: "http://127.0.0.1:8099/secret-path", timeout: 2s }
  refuses: { type: webhook, url: "http://127.0.0.1:8098/secret-path" }
`,
  '/usr/local/bin/hear': '#!/bin/sh\n{ cat; echo; } >>/run/heard\n',
};

async function heard({ lab }: Given): Promise<readonly Payload[]> {
  const { stdout } = await lab.exec(['sh', '-c', 'cat /run/heard 2>/dev/null']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Payload => JSON.parse(line));
}

async function heardOf(given: Given, unit: string): Promise<readonly string[]> {
  return (await heard(given)).flatMap(({ event, incident }) => (incident.unit === unit ? event : []));
}

async function flapd(lab: Lab, ...argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.exec([labNode(lab.root), flapdInLab, ...argv]);
  if (code > 1) throw new Error(stderr);
  return stdout + stderr;
}

/** As an editor does it: beside, then renamed. */
async function edit(lab: Lab, text: string): Promise<void> {
  await lab.writeFile('/etc/flapd/policies.d/.new', text);
  await lab.exec(['mv', '/etc/flapd/policies.d/.new', '/etc/flapd/policies.d/10-scenario.yaml']);
}

const complaints = /^(Sink "(hangs|refuses)"|Cannot use the new configuration)/;

describeFlapd('telling sinks', { units, policies, files, complaints }, (given) => {
  it('fifty services that flap because of a database are one incident, which names it, told once', async () => {
    const { lab, log, http } = given;
    const node = labNode(lab.root);
    const server = 'require("node:net").createServer((socket) => socket.on("error", () => {})).listen(8099)';
    await lab.addUnits({ 'hangs.service': `[Service]\nExecStart=${node} -e '${server}'\n` });
    await lab.systemctl('start', 'hangs.service');
    await lab.systemctl('start', 'db.service', ...clients);
    const opened = await log.first('an incident', ({ event }) => event === 'incident-opened');
    await expect.poll(async () => (await heard(given)).length).toBe(1);
    expect([opened.unit, opened.root]).toContain('db.service');
    await log.several('all of them', clients.length, ({ event }) => event === 'incident-grouped');
    const open = await http.incidents();
    expect(open).toHaveLength(1);
    expect(new Set([open[0]?.unit, ...(open[0]?.groups ?? [])])).toEqual(new Set(['db.service', ...clients]));
    expect(await http.sum('flapd_incidents_open')).toBe(1);
    expect(await heard(given)).toHaveLength(1);
  });

  it('and one that loops for its own reason is told beside them', async () => {
    const { lab, log } = given;
    await lab.systemctl('start', 'own.service');
    await log.first(
      'its incident',
      ({ event, unit }) => event === 'incident-opened' && unit === 'own.service',
    );
    await expect.poll(() => heardOf(given, 'own.service')).toEqual(['opened']);
  });

  it('the end is told once, to the sink that hears, while another hangs and one refuses', async () => {
    const { lab, log, http } = given;
    await lab.writeFile('/run/db-mended', '');
    await lab.writeFile('/run/own-mended', '');
    await log.several('both ends', 2, ({ event, level }) => event === 'incident-closed' && level === 'info');
    await expect.poll(async () => (await heard(given)).length).toBe(4);
    expect((await heard(given)).map(({ event }) => event).toSorted()).toEqual([
      'closed',
      'closed',
      'opened',
      'opened',
    ]);
    expect(await http.sum('flapd_incidents_open')).toBe(0);
    const count = async (sink: string, outcome: string) =>
      http.sum('flapd_notifications_total', { sink, outcome });
    await expect.poll(() => count('hears', 'delivered')).toBe(4);
    expect(await count('hangs', 'delivered')).toBe(0);
    await expect.poll(() => count('hangs', 'retried')).toBeGreaterThan(0);
    await expect.poll(() => count('refuses', 'retried')).toBeGreaterThan(0);
    expect(log.lines.some(({ message }) => message.includes('secret-path'))).toBe(false);
  });

  it('an edited policy takes effect while the loop runs, without a second opening', async () => {
    const { lab, log, http } = given;
    await lab.systemctl('start', 'edited.service');
    await log.first(
      'its incident',
      ({ event, unit }) => event === 'incident-opened' && unit === 'edited.service',
    );
    await expect.poll(() => heardOf(given, 'edited.service')).toEqual(['opened']);
    expect((await http.unit('edited.service')).mode).toBe('recommend');
    await edit(lab, `${policies}    mode: alert\n`);
    await log.first('the change', ({ message }) => message.startsWith('The new configuration is in force'));
    expect((await http.unit('edited.service')).mode).toBe('alert');
    await sleep(2000);
    expect(log.incidentEvents('edited.service')).toEqual(['opened']);
    expect(await heardOf(given, 'edited.service')).toEqual(['opened']);
  });

  it('one with a mistake changes nothing, and is told where it is looked for', async () => {
    const { lab, log, http } = given;
    const status = async () => lab.systemctl('show', '--property=StatusText', 'flapd.service');
    await edit(lab, `${policies}    mode: aply\n`);
    const refused = await log.first('the mistake', ({ message }) => message.startsWith('Cannot use the new'));
    expect(refused.message).toContain('10-scenario.yaml:6:11: "mode" is "aply"');
    expect((await http.unit('edited.service')).mode).toBe('alert');
    expect(await http.sum('flapd_config_last_reload_successful')).toBe(0);
    await expect.poll(status).toContain('the configuration has problems');
    const check = await lab.exec([labNode(lab.root), flapdInLab, 'check']);
    expect(check.code).toBe(2);
    expect(check.stdout + check.stderr).toContain('10-scenario.yaml:6:11: ');
    await edit(lab, `${policies}    mode: alert\n`);
    await log.first('the mend', ({ message }) => message.startsWith('The configuration is again'));
    expect(await http.sum('flapd_config_last_reload_successful')).toBe(1);
    await expect.poll(status).not.toContain('problems');
  });

  it('SIGHUP reads it again, and says so', async () => {
    const { lab, log } = given;
    const pid = (await lab.systemctl('show', '--property=MainPID', '--value', 'flapd.service')).trim();
    await lab.exec(['kill', '-HUP', pid]);
    await log.first('the reading', ({ message }) => message.startsWith('The configuration was read again'));
  });

  it('a silenced service is logged, and told to nobody until the silence ends', async () => {
    const { lab, log, http } = given;
    expect(await flapd(lab, 'silence', 'kept', '--for', '1h')).toMatch(/^kept\.service is silenced for 1h, /);
    await lab.systemctl('start', 'kept.service');
    await log.first(
      'its incident',
      ({ event, unit }) => event === 'incident-opened' && unit === 'kept.service',
    );
    expect(Date.parse((await http.unit('kept.service')).silencedUntil ?? '')).toBeGreaterThan(Date.now());
    expect(await flapd(lab, 'status', 'kept')).toContain('kept.service is silenced until ');
    await sleep(1000);
    expect(await heardOf(given, 'kept.service')).toEqual([]);
    await flapd(lab, 'unsilence', 'kept');
    await expect.poll(() => heardOf(given, 'kept.service')).toEqual(['opened']);
    await log.first('that it is told now', ({ event }) => event === 'incident-announced');
    expect(log.incidentEvents('kept.service')).toEqual(['opened', 'announced']);
  });
});
