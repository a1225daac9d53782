/** The services of the demo. The scripts need `sh` and `timeout` only: a minimal Debian has no more. */

/** What the patient's configuration names, and what is not there until it is mended. */
export const geoIpFile = '/etc/logstash/GeoLiteCity.dat';

/** Works for 8 s, three of them at full CPU, and then gives up over a file; with the file it goes on working. */
const logstash = `#!/bin/sh
echo 'Settings: Default pipeline workers: 2'
timeout 3 sh -c 'while :; do :; done'
if [ -e ${geoIpFile} ]; then echo 'Pipeline main started'; exec sleep infinity; fi
sleep 4.8
echo 'Invalid setting for geoip filter plugin: filter { geoip { # This setting must be a path' >&2
echo '  File does not exist or cannot be opened ${geoIpFile} database => "${geoIpFile}" ... } }' >&2
exit 1
`;

/** Crashes the first time, and is well from then on. */
const mailer = `#!/bin/sh
[ -e /run/mailer.tried ] && exec sleep infinity
touch /run/mailer.tried
sleep 2
exit 75
`;

export const storyFiles: Readonly<Record<string, string>> = {
  '/usr/local/bin/logstash': logstash,
  '/usr/local/bin/mailer': mailer,
};

export const storyUnits: Readonly<Record<string, string>> = {
  'logstash.service': `[Unit]
Description=logstash, with a GeoIP database that is not there

[Service]
ExecStart=/usr/local/bin/logstash
Restart=on-failure
`,
  'web.service': `[Unit]
Description=A healthy neighbour

[Service]
ExecStart=/bin/sleep infinity
Restart=on-failure
`,
  'mailer.service': `[Unit]
Description=Crashes once and heals

[Service]
ExecStart=/usr/local/bin/mailer
Restart=on-failure
RestartSec=1
`,
  'tidy.service': `[Unit]
Description=A oneshot that a timer runs

[Service]
Type=oneshot
ExecStart=/bin/true
`,
  'tidy.timer': `[Timer]
OnActiveSec=2s
OnUnitActiveSec=5s
AccuracySec=100ms

[Install]
WantedBy=timers.target
`,
};

/** The default rules hold; only the end is told sooner than the default's 10 min of stable uptime. */
export const storyPolicy = `policies:
  - name: demo
    match: ["*"]
    calm_after: 15s
`;

export function flapdUnit(node: string, flapd: string): string {
  return `[Unit]
Description=flapd, which notices restart loops

[Service]
Type=notify
ExecStart=${node} ${flapd} run --log-level debug
ExecReload=/bin/kill -HUP $MAINPID
WatchdogSec=60
Restart=on-failure
`;
}
