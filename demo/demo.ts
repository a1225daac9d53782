import { createServer } from 'node:net';
import { bootLab, flapdInLab, labNode, type Lab } from '../test/lab/lab.ts';
import { labMeans } from '../test/lab/means.ts';
import { flapdLines, type FlapdLine } from './flapd-lines.ts';
import { flapdUnit, geoIpFile, storyFiles, storyPolicy, storyUnits } from './story-units.ts';
import { Teller } from './teller.ts';

const keep = process.argv.includes('--keep');
const teller = new Teller(process.stdout, process.env);
const interrupted = new AbortController();
const following = new AbortController();
/** Past this the story has gone wrong: it says so instead of waiting for ever. */
const tellWithinMs = 85_000;

async function main(): Promise<number> {
  const means = labMeans();
  if (!means.ok) {
    process.stderr.write(`flapd demo: ${means.missing}\n`);
    return 1;
  }
  teller.line(
    'flapd demo: a systemd of its own in a box. Nothing of this machine is touched; Ctrl-C ends it at any moment.',
  );
  teller.line();
  const port = keep ? await freePort(9843) : 9843;
  const lab = await bootLab({
    name: 'flapd-demo',
    network: keep ? 'host' : 'private',
    files: {
      ...storyFiles,
      '/etc/flapd/flapd.yaml': `listen: 127.0.0.1:${port}\n`,
      '/etc/flapd/policies.d/10-demo.yaml': storyPolicy,
    },
  });
  try {
    await withinReach(tell(lab, port));
    if (keep) await stay(lab, port);
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    throw error;
  } finally {
    // The one that follows the journal stands with one foot in the lab, which can't end before it.
    following.abort();
    await lab.stop();
    teller.line(
      interrupted.signal.aborted
        ? '\nStopped; nothing is left of it.'
        : 'The box is gone, and nothing is left of it.',
    );
  }
}

/** Long because it is a story: straight from its beginning to its end. */
async function tell(lab: Lab, port: number): Promise<void> {
  teller.event(`systemd ${lab.systemdVersion} is up as PID 1, with a system bus and a journal`);
  await lab.addUnits({ ...storyUnits, 'flapd.service': flapdUnit(labNode(lab.root), flapdInLab) });
  await lab.systemctl('start', 'flapd.service');
  const lines = flapdLines(lab, following.signal);
  teller.event(`flapd is up: ${(await nextLine(lines)).message}`);
  await lab.systemctl(
    'start',
    '--no-block',
    'logstash.service',
    'web.service',
    'mailer.service',
    'tidy.timer',
  );
  teller.line();
  teller.line(
    '        logstash.service  works 8s, 3s of them at full CPU, misses its GeoIP file, exits 1; Restart=on-failure',
  );
  teller.line('        web.service       a healthy neighbour');
  teller.line('        mailer.service    crashes once and heals');
  teller.line('        tidy.timer        runs a oneshot every 5s');
  teller.line();
  teller.line(
    '        A loop here is what it is by default: 5 restarts within 2min. Only the end is told sooner: 15s of stable',
  );
  teller.line('        uptime (default 10min), and never less than twice the period of the loop.');
  teller.line();

  for (let event = ''; event !== 'incident-opened';) {
    const line = await nextLine(lines);
    event = line.event ?? '';
    if (event === 'restarted') teller.event(line.message);
    if (event === 'incident-opened')
      teller.event(`the rule holds, and flapd says so, once:\n\n        ${line.message}`, '31');
  }
  await show(lab, 'flapd status', [labNode(lab.root), flapdInLab, 'status']);
  const metrics = `curl -s http://127.0.0.1:${port}/metrics | grep logstash`;
  await show(lab, metrics, ['sh', '-c', metrics]);

  await lab.writeFile(geoIpFile, 'not really a database\n');
  teller.event(`somebody mends it: ${geoIpFile} is there now`);
  for (let event = ''; event !== 'incident-closed';) {
    const line = await nextLine(lines);
    event = line.event ?? '';
    if (event === 'restarted') teller.event(`${line.message} The incident is open: nothing new to say.`);
    if (event === 'incident-closed')
      teller.event(`flapd says that it is over, once:\n\n        ${line.message}`, '32');
  }
  await show(lab, 'flapd status', [labNode(lab.root), flapdInLab, 'status']);
  const runs = await lab.exec([
    'journalctl',
    '--unit=tidy.service',
    '--output=cat',
    '--grep=Finished',
    '--quiet',
  ]);
  const tidied = runs.stdout.trim().split('\n').length;
  teller.event(
    `of mailer.service, which crashed once, and tidy.service, which ran ${tidied} times, flapd said nothing`,
  );
  teller.line();
}

async function stay(lab: Lab, port: number): Promise<void> {
  const enter = `nsenter -t ${lab.leader} -a`;
  teller.line('It goes on running. Look around:');
  teller.line(`  http://127.0.0.1:${port}/           the status page, and /metrics beside it`);
  teller.line(`  ${enter} systemctl      the box's own systemd; journalctl works the same way`);
  teller.line(`  ${enter} ${labNode(lab.root)} ${flapdInLab} status --watch`);
  teller.line(`  ${enter} rm ${geoIpFile}; ${enter} systemctl restart logstash     to make it loop again`);
  teller.line(`Stop it with Ctrl-C here, or from anywhere with: kill ${process.pid}`);
  const alive = setInterval(() => {}, 60_000);
  await new Promise<void>((resolve) => interrupted.signal.addEventListener('abort', () => resolve()));
  clearInterval(alive);
}

async function show(lab: Lab, typed: string, argv: readonly string[]): Promise<void> {
  const { stdout, stderr } = await lab.exec(argv);
  teller.command(typed, stdout + stderr);
}

async function nextLine(lines: AsyncGenerator<FlapdLine>): Promise<FlapdLine> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error('flapd has stopped logging; expected it to go on');
  return value;
}

/** The story, unless it takes too long or is interrupted. */
async function withinReach(story: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const give = (why: string) => (): void => reject(new Error(why));
    timer = setTimeout(give(`the story was not told within ${tellWithinMs / 1000} s`), tellWithinMs);
    interrupted.signal.addEventListener('abort', give('interrupted'));
    // A signal that came while the lab was booting is told to no listener any more.
    if (interrupted.signal.aborted) give('interrupted')();
  });
  story.catch(() => undefined);
  await Promise.race([story, late]).finally(() => clearTimeout(timer));
}

/** `wanted` if nobody listens there, else any other. */
function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', () => (wanted === 0 ? reject(new Error('no port is free')) : resolve(freePort(0))));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : wanted));
    });
  });
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`flapd demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
