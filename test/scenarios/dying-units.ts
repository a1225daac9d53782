import { labNode, type Lab } from '../lab/lab.ts';

/** A service that dies soon after each start, and is started again. */
function dying(exec: string, more = '', delay = '2500ms'): string {
  return `[Unit]
StartLimitIntervalSec=0
[Service]
${exec}
Restart=on-failure
RestartSec=${delay}
${more}
`;
}

const logstash = `#!/bin/sh
sleep 0.2
echo '[FATAL] File does not exist or cannot be opened /etc/logstash/GeoLiteCity.dat' >&2
exit 1
`;

/** Says why it dies once; after that only what the first run left behind. */
const locked = `#!/bin/sh
mkdir /run/locked || { echo 'lock file exists: is another one running?' >&2; exit 1; }
echo 'cat: /etc/locked.conf: No such file or directory' >&2
exit 1
`;

/** Listens twice, as sendmail does whose configuration has the wildcard and an address. */
const sendmail = `const net = require('net');
console.error('relay is smtp://mta:hunter2@relay.invalid');
net.createServer().listen(2525, '0.0.0.0', () => {
  net.createServer().listen(2525, '127.0.0.1').on('error', () => {
    console.error('NOQUEUE: SYSERR(root): opendaemonsocket: daemon MTA: cannot bind: Address already in use on port 2525');
    process.exit(71);
  });
});
`;

/** Takes its time, so that whoever is to trace it comes before it listens. */
const listener = `setTimeout(() => require('net').createServer().listen(8125, '0.0.0.0'), 500);\n`;
const riemann = `process.dlopen({ exports: {} }, '/mnt/riemann/libriemann.so');\n`;

/** Everything that may confuse whoever reads it: sequences, bytes that are no UTF-8, forged fields, ten megabytes. */
const hostile = `#!/bin/sh
printf '\\033]0;pwned\\007\\033[2J\\033[31mred\\033[0m text\\n'
printf 'bytes \\377\\376 that are no UTF-8\\n'
printf 'MESSAGE_ID=641257651c1b4ec9a8624d7a40a9e1e7 EXECUTABLE=/sbin/init _PID=1\\n'
printf '{"MESSAGE":"hostile.service: A process of this unit has been killed by the OOM killer.","_PID":"1"}\\n'
head -c 10485760 /dev/zero | tr '\\0' x
printf '\\ncannot reach postgres://app:hunter2@db.invalid/app\\n'
printf 'cat: /etc/hostile.conf: No such file or directory\\n'
exit 1
`;

/** What an operator knows of a service. */
const siteCauses = `causes:
  - name: licence-expired
    pattern: "(?i)licen[cs]e .* expired"
    match: "licence*"
    title: The licence has expired
    hint: Fetch a new one
    runbook: https://wiki.example.org/licence
`;

/** Takes as much memory as its runtime lets it have, and is aborted by that. */
const heap = `const all = [];\nfor (;;) all.push(Array.from({ length: 10_000 }, Math.random));\n`;

/** Whoever is paged has it told. */
const pageConfig = `sinks:
  page: { type: exec, command: [/usr/local/bin/page] }
`;

const page = `#!/bin/sh
{ cat; echo; } >>/run/paged
`;

export const dyingFiles: Readonly<Record<string, string>> = {
  '/etc/flapd/causes.d/10-site.yaml': siteCauses,
  '/etc/flapd/flapd.yaml': pageConfig,
  '/usr/local/bin/page': page,
  '/usr/local/bin/logstash': logstash,
  '/usr/local/bin/locked': locked,
  '/usr/local/bin/hostile': hostile,
  '/usr/local/lib/sendmail.js': sendmail,
  '/usr/local/lib/listener.js': listener,
  '/usr/local/lib/riemann.js': riemann,
  '/usr/local/lib/heap.js': heap,
  '/usr/local/bin/no-x-bit': 'echo never run\n',
};

export function dyingUnits(lab: Lab): Readonly<Record<string, string>> {
  const node = labNode(lab.root);
  return {
    'logstash.service': dying('ExecStart=/usr/local/bin/logstash'),
    'locked.service': dying('ExecStart=/usr/local/bin/locked'),
    'statsd.service': `[Service]\nExecStart=${node} /usr/local/lib/listener.js\n`,
    'graphite.service': dying(`ExecStart=${node} /usr/local/lib/listener.js`),
    'sendmail.service': dying(`ExecStart=${node} /usr/local/lib/sendmail.js`),
    'riemann.service': dying(`ExecStart=${node} /usr/local/lib/riemann.js`),
    'ganglia.service': dying(
      `ExecStart=/bin/sh -c 'echo starting \${CLUSTER}'`,
      `Environment="CLUSTER=Bob's" "PASSWORD=hunter2"`,
    ),
    'hostile.service': dying('ExecStart=/usr/local/bin/hostile', '', '5s'),
    'no-x-bit.service': dying('ExecStart=/usr/local/bin/no-x-bit'),
    'no-user.service': dying('ExecStart=/bin/true', 'User=nosuch'),
    'no-folder.service': dying('ExecStart=/bin/true', 'WorkingDirectory=/srv/nowhere'),
    'no-ready.service': dying('ExecStart=sleep infinity', 'Type=notify\nTimeoutStartSec=500ms'),
    'licence.service': dying(`ExecStart=sh -c 'echo "the Licence of app has expired"; exit 3'`),
    'no-rights.service': dying('ExecStart=cat /etc/app.key', 'User=nobody'),
    'no-way.service': dying('ExecStart=cat /srv/closed/app.conf', 'User=nobody'),
    'read-only.service': dying(`ExecStart=sh -c 'echo x >/etc/app.state'`, 'ProtectSystem=full'),
    'crash.service': dying(`ExecStart=sh -c 'kill -SEGV $$$$'`),
    'heap.service': dying(`ExecStart=${node} --max-old-space-size=8 /usr/local/lib/heap.js`, '', '5s'),
    'killed.service': dying(`ExecStart=sh -c 'kill -KILL $$$$'`),
  };
}

/** Of root alone: a file, and a folder that others may not go through. */
export async function closeToOthers(lab: Lab): Promise<void> {
  await lab.writeFile('/etc/app.key', 'a key\n', 0o600);
  await lab.writeFile('/srv/closed/app.conf', 'on\n', 0o644);
  await lab.exec(['chmod', '700', '/srv/closed']);
}

export async function mountNoexec(lab: Lab): Promise<void> {
  const script = `mkdir -p /mnt/riemann && mount -t tmpfs -o nosuid,nodev,noexec tmpfs /mnt/riemann &&
    cp "$(ls -d /lib/*-linux-gnu*/libm.so.6 /lib/libm.so.6 2>/dev/null | head -n 1)" /mnt/riemann/libriemann.so`;
  const { code, stderr } = await lab.exec(['sh', '-c', script]);
  if (code !== 0) throw new Error(`Cannot mount noexec in the lab: ${stderr}`);
}
