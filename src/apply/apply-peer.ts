import { readFileSync } from 'node:fs';

/** The user that the daemon runs as (contrib/systemd/sysusers.d). */
export const daemonUser = 'flapd';

/**
 * Who is on the other end, as systemd took it from the socket (SO_PEERCRED) and put it into the name of the instance:
 * `NUMBER-PID-UID`, from 262 on `NUMBER-PID-PIDFDID_…-UID` (socket.c `instance_from_socket`; seen on 252, 257, 262).
 */
export function peerUid(instance: string): number | undefined {
  const uid = /^\d+-\d+-(?:[\d_]+-)?(\d{1,10})$/.exec(instance)?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Why this peer gets no answer, as a clause; undefined for root and the daemon's own user. */
export function peerFault(instance: string, passwd = '/etc/passwd'): string | undefined {
  const uid = peerUid(instance);
  if (uid === undefined) return 'it is not known who asks';
  if (uid === 0 || uid === uidOf(daemonUser, passwd)) return undefined;
  return `user ${uid} asks; expected ${daemonUser} or root`;
}

/** From the file, which is where sysusers puts it: asking the name service could ask the network. */
function uidOf(user: string, passwd: string): number | undefined {
  const line = readFileSync(passwd, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${user}:`));
  const uid = line?.split(':')[2];
  return uid !== undefined && /^\d+$/.test(uid) ? Number(uid) : undefined;
}
