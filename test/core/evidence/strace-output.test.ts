import { expect, test } from 'vitest';
import { StraceReader } from '../../../src/core/evidence/strace-output.ts';

/** As strace 6.1 writes it with -f -C -Z -q. */
const seen = `[pid   812] openat(AT_FDCWD, "/etc/app.conf", O_RDONLY) = -1 ENOENT (No such file or directory)
[pid   813] read(3, 0x7ffd, 16) = -1 EAGAIN (Resource temporarily unavailable)
[pid   812] openat(AT_FDCWD, "/etc/app.conf", O_RDONLY) = -1 ENOENT (No such file or directory)
[pid   812] bind(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = -1 EADDRINUSE (Address already in use)
[pid   813] +++ exited with 0 +++
+++ exited with 71 +++
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.000600           6       100           write
 40.00    0.000400           8        50        36 openat
  0.00    0.000000           0         1           exit_group
------ ----------- ----------- --------- --------- ----------------
100.00    0.001000           6       151        36 total
`;

function read(text: string, pid = 812) {
  const reader = new StraceReader(pid);
  for (const line of text.split('\n')) reader.take(line);
  return reader.result();
}

test('the calls that failed, the counts and the end', () => {
  expect(read(seen)).toEqual({
    failed: [
      {
        call: 'openat',
        error: 'ENOENT',
        count: 2,
        line: 'openat(AT_FDCWD, "/etc/app.conf", O_RDONLY) = ENOENT',
      },
      {
        call: 'bind',
        error: 'EADDRINUSE',
        count: 1,
        line: 'bind(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("0.0.0.0")}, 16) = EADDRINUSE',
      },
    ],
    counts: [
      { call: 'write', seconds: 0.0006, calls: 100, errors: 0 },
      { call: 'openat', seconds: 0.0004, calls: 50, errors: 36 },
      { call: 'exit_group', seconds: 0, calls: 1, errors: 0 },
    ],
    end: 'exited with 71',
    refused: undefined,
  });
});

test('that it may not attach', () => {
  const text = 'strace: attach: ptrace(PTRACE_SEIZE, 1): Operation not permitted';
  expect(read(text)).toMatchObject({ refused: 'Operation not permitted', failed: [], counts: [] });
});

test('the end of a child is not that of the process', () => {
  expect(read('[pid 813] +++ exited with 0 +++').end).toBeUndefined();
  expect(read('[pid 812] +++ killed by SIGSEGV (core dumped) +++').end).toBe(
    'killed by SIGSEGV (core dumped)',
  );
});

test('what a program passes to the kernel is shown as plain text, without secrets, and not without bound', () => {
  const hostile = 'openat(AT_FDCWD, "\u001b[2J/x?token=abc123", O_RDONLY) = -1 ENOENT (No such file)';
  expect(read(hostile).failed[0]?.line).toBe('openat(AT_FDCWD, "/x?token=***", O_RDONLY) = ENOENT');
  const many = Array.from({ length: 1000 }, (_, at) => `access("/${at}") = -1 ENOENT (No)`).join('\n');
  expect(
    read(many)
      .failed.map(({ line }) => line)
      .at(-1),
  ).toBe('access("/999") = ENOENT');
  expect(read(many).failed).toHaveLength(20);
});
