import { signalName } from '../systemd/exit-status.ts';

/** What programs mean by their own exit statuses, by the name of the executable; out of the manual page of each. */
const meanings: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  node: {
    5: 'a fatal error in V8',
    7: 'the handler of an uncaught exception failed itself',
    9: 'an invalid argument',
    12: 'an invalid argument for debugging',
    13: 'an await at the top level that was never settled',
  },
  curl: {
    3: 'a malformed URL',
    6: 'a host that does not resolve',
    7: 'a host that can not be connected to',
    22: 'an HTTP error',
    26: 'a file that can not be read',
    28: 'a timeout',
    35: 'a TLS handshake that failed',
    60: 'a certificate that is not trusted',
  },
  rsync: {
    5: 'the protocol could not be started',
    10: 'an error of the socket',
    11: 'an error of a file',
    12: 'an error in the data stream',
    23: 'some files were not transferred',
    30: 'a timeout',
  },
  ssh: { 255: 'an error of ssh itself, not of the command' },
  tar: { 1: 'some files differ', 2: 'a fatal error' },
};

/**
 * What the status of a program means where systemd has no name for it that fits; undefined where nobody knows. Shells have
 * a convention that scripts of any name follow (POSIX shell, 2.8.2; bash(1), EXIT STATUS).
 */
export function programStatus(executable: string, status: number): string | undefined {
  const name = executable.slice(executable.lastIndexOf('/') + 1).replace(/[-.\d]+$/, '');
  const own = Object.hasOwn(meanings, name) ? meanings[name]?.[status] : undefined;
  if (own !== undefined) return `${name}: ${own}`;
  if (status === 126) return 'as shells have it: a command that is there, but could not be run';
  if (status === 127) return 'as shells have it: a command that was not found';
  const signal = status > 128 && status <= 128 + 31 ? signalName(status - 128) : undefined;
  return signal === undefined ? undefined : `as shells have it: a command that ${signal} ended`;
}
