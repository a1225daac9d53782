import { setTimeout as sleep } from 'node:timers/promises';
import type { Exec, ExecResult } from './enter.ts';
import type { Lab } from './lab.ts';
import { labMeans } from './means.ts';
import { runSystemctl, writeUnits } from './write.ts';

/** A `systemd --user` with its session bus, as a login would have started it. */
export interface UserManager {
  readonly user: { readonly name: string; readonly uid: number };
  readonly env: Readonly<Record<'HOME' | 'USER' | 'XDG_RUNTIME_DIR' | 'DBUS_SESSION_BUS_ADDRESS', string>>;
  /** Runs a program as this user, in this user's session. */
  readonly exec: Exec;
  readonly spawn: Lab['spawn'];
  /** Writes units to the user's ~/.config/systemd/user and reloads once. */
  addUnits(units: Readonly<Record<string, string>>): Promise<void>;
  /** `systemctl --user`: what it printed; throws what it complained about. */
  systemctl(...argv: readonly string[]): Promise<string>;
}

/** Without logind there is nobody who makes /run/user/UID, and no PAM session that would say where it is. */
const systemUnits = {
  'user-runtime-dir@.service': `[Unit]
Description=/run/user/%i
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=install -d -m 0700 -o %i -g %i /run/user/%i
`,
  'user@.service.d/lab.conf': `[Service]
PAMName=
Environment=XDG_RUNTIME_DIR=/run/user/%i DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/%i/bus
`,
};

/** The units of Debian's dbus-user-session, which minimal roots come without. PID 1 looks for these very names. */
const sessionBusUnits = {
  'dbus.socket': `[Unit]
Description=Session bus socket
[Socket]
ListenStream=%t/bus
`,
  'dbus.service': `[Unit]
Description=Session bus
Requires=dbus.socket
[Service]
Type=notify
NotifyAccess=main
ExecStart=/usr/bin/dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only
Slice=session.slice
[Install]
WantedBy=default.target
`,
};

const addUser = `getent passwd "$2" >/dev/null && exit
echo "$1:x:$2:" >>/etc/group && echo "$1:x:$2:$2::/home/$1:/bin/sh" >>/etc/passwd &&
install -d -o "$2" -g "$2" "/home/$1"`;

const ping =
  'busctl --user --timeout=2 get-property org.freedesktop.systemd1 /org/freedesktop/systemd1'.split(' ');
const readyWithinMs = 10_000;

/** Starts the user manager of an ordinary user; a rootless lab has no user but root. */
export async function startUserManager(
  lab: Lab,
  user: { readonly name: string; readonly uid: number } = ordinaryUser(),
): Promise<UserManager> {
  const { name, uid } = user;
  await must(lab.exec(['sh', '-c', addUser, 'sh', name, String(uid)]));
  await writeUnits(lab.exec, '/etc/systemd/system', systemUnits);
  await writeUnits(lab.exec, '/etc/systemd/user', sessionBusUnits);
  await must(lab.exec(['systemctl', '--global', 'enable', 'dbus.service']));
  await lab.systemctl('daemon-reload');
  await lab.systemctl('start', `user@${uid}.service`);

  const env = {
    HOME: uid === 0 ? '/root' : `/home/${name}`,
    USER: name,
    XDG_RUNTIME_DIR: `/run/user/${uid}`,
    DBUS_SESSION_BUS_ADDRESS: `unix:path=/run/user/${uid}/bus`,
  };
  // In a rootless lab not even root may become root anew.
  const identity = uid === 0 ? {} : { user: { uid, gid: uid } };
  const exec: Exec = (argv, options) =>
    lab.exec(argv, { ...options, ...identity, env: { ...env, ...options?.env } });
  await whenOnBus(exec);
  const systemctl = (...argv: readonly string[]) => runSystemctl(exec, ['--user', ...argv]);
  return {
    user,
    env,
    exec,
    spawn: (argv, options) => lab.spawn(argv, { ...options, ...identity, env: { ...env, ...options?.env } }),
    async addUnits(units) {
      await writeUnits(exec, `${env.HOME}/.config/systemd/user`, units);
      await systemctl('daemon-reload');
    },
    systemctl,
  };
}

function ordinaryUser(): { name: string; uid: number } {
  const means = labMeans();
  // From 1000 on journald keeps a journal per user, which that user may read.
  return means.ok && means.rootless ? { name: 'root', uid: 0 } : { name: 'lab', uid: 4242 };
}

async function must(running: Promise<ExecResult>): Promise<void> {
  const { code, stderr } = await running;
  if (code !== 0) throw new Error(`Cannot set up the user manager: exit code ${code}: ${stderr}`);
}

async function whenOnBus(exec: Exec): Promise<void> {
  const until = Date.now() + readyWithinMs;
  for (;;) {
    const { code, stderr } = await exec([...ping, 'org.freedesktop.systemd1.Manager', 'Version']);
    if (code === 0) return;
    if (Date.now() > until) throw new Error(`The user manager does not answer on the session bus: ${stderr}`);
    await sleep(10);
  }
}
