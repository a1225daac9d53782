/**
 * Names of exit statuses and signals, as `systemd-analyze exit-status` and the journal print them
 * (src/shared/exit-status.c, sysexits.h, LSB 4.1 chapter 20). A service's own code may return any of these numbers too.
 */
const names: Readonly<Record<number, string>> = {
  0: 'SUCCESS',
  1: 'FAILURE',
  2: 'INVALIDARGUMENT',
  3: 'NOTIMPLEMENTED',
  4: 'NOPERMISSION',
  5: 'NOTINSTALLED',
  6: 'NOTCONFIGURED',
  7: 'NOTRUNNING',
  64: 'USAGE',
  65: 'DATAERR',
  66: 'NOINPUT',
  67: 'NOUSER',
  68: 'NOHOST',
  69: 'UNAVAILABLE',
  70: 'SOFTWARE',
  71: 'OSERR',
  72: 'OSFILE',
  73: 'CANTCREAT',
  74: 'IOERR',
  75: 'TEMPFAIL',
  76: 'PROTOCOL',
  77: 'NOPERM',
  78: 'CONFIG',
  200: 'CHDIR',
  201: 'NICE',
  202: 'FDS',
  203: 'EXEC',
  204: 'MEMORY',
  205: 'LIMITS',
  206: 'OOM_ADJUST',
  207: 'SIGNAL_MASK',
  208: 'STDIN',
  209: 'STDOUT',
  210: 'CHROOT',
  211: 'IOPRIO',
  212: 'TIMERSLACK',
  213: 'SECUREBITS',
  214: 'SETSCHEDULER',
  215: 'CPUAFFINITY',
  216: 'GROUP',
  217: 'USER',
  218: 'CAPABILITIES',
  219: 'CGROUP',
  220: 'SETSID',
  221: 'CONFIRM',
  222: 'STDERR',
  224: 'PAM',
  225: 'NETWORK',
  226: 'NAMESPACE',
  227: 'NO_NEW_PRIVILEGES',
  228: 'SECCOMP',
  229: 'SELINUX_CONTEXT',
  230: 'PERSONALITY',
  231: 'APPARMOR',
  232: 'ADDRESS_FAMILIES',
  233: 'RUNTIME_DIRECTORY',
  235: 'CHOWN',
  236: 'SMACK_PROCESS_LABEL',
  237: 'KEYRING',
  238: 'STATE_DIRECTORY',
  239: 'CACHE_DIRECTORY',
  240: 'LOGS_DIRECTORY',
  241: 'CONFIGURATION_DIRECTORY',
  242: 'NUMA_POLICY',
  243: 'CREDENTIALS',
  244: 'BPF',
  245: 'KSM',
  246: 'MEMORY_THP',
  255: 'EXCEPTION',
};

/** Linux signal numbers on every architecture that Debian's systemd is built for but MIPS, SPARC and Alpha. */
const signals = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT ' +
  'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

/** `CONFIG` for 78; undefined where the number has no name. */
export function exitStatusName(status: number): string | undefined {
  return names[status];
}

/** `SIGSEGV` for 11, `SIGRTMIN+2` for 36; undefined outside 1 to 64. */
export function signalName(signal: number): string | undefined {
  const name = signals[signal - 1];
  if (name !== undefined) return `SIG${name}`;
  // glibc keeps 32 and 33 for itself: SIGRTMIN is 34.
  if (signal < 34 || signal > 64) return undefined;
  return signal === 34 ? 'SIGRTMIN' : `SIGRTMIN+${signal - 34}`;
}
