/** One socket that takes connections, or datagrams, of /proc/net/{tcp,tcp6,udp,udp6} (proc_net(5)). */
export interface ListeningSocket {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly inode: number;
}

/** TCP_LISTEN; a udp socket that is bound, and not connected, is TCP_CLOSE (include/net/tcp_states.h). */
const states = { tcp: '0A', udp: '07' } as const;

/** The listening sockets of one of these files on that port. */
export function listeningOn(text: string, protocol: 'tcp' | 'udp', port: number): readonly ListeningSocket[] {
  const hexPort = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text.split('\n').flatMap((line) => {
    // Most lines are connections: what is told apart without splitting costs nothing.
    if (!line.includes(hexPort)) return [];
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (state !== states[protocol] || !local.endsWith(hexPort)) return [];
    return [{ protocol, address: addressOf(local.slice(0, -5)), port, inode: Number(inode) }];
  });
}

/** Each 32 bits are in the byte order of the machine: little-endian wherever Debian's systemd runs but on s390x. */
export function addressOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at + 4 <= bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.subarray(0, 12).toString('hex') === '00000000000000000000ffff';
  if (mapped) return bytes.subarray(12).join('.');
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16));
  return groups.join(':').replace(/(?:^|:)0(?::0)+(?:$|:)/, '::');
}
