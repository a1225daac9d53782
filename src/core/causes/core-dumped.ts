import type { Matcher } from './suspicion.ts';
import { proofOf, saidBySystemd, told } from './telling-lines.ts';

/** What a program, its runtime or its C library says of itself before it aborts. */
const lastWords =
  /\bsegmentation fault\b|\bassert(?:ion)?\b.{0,200}\bfailed\b|\bterminate called\b|\bpanic(?:ked)?\b|\bSIGSEGV\b|\bSIGABRT\b|\bdouble free\b|\bmalloc\(\)|\bstack smashing\b|\bfatal error\b|\bAborted\b|\b(?:core dumped|dumping core)\b/i;

/** PID 1 of a process that died of a signal (service.c `service_sigchld_event`). */
const ended = /\bprocess exited, code=(?:killed|dumped), /;

/** SIGQUIT, ILL, TRAP, ABRT, BUS, FPE, SEGV, SYS: nobody else sends them as a rule. */
const crashes = new Set(['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV', 'SIGSYS']);

export const coreDumped: Matcher = {
  id: 'core-dumped',
  looksFor: 'the program crashed on a signal, with or without a core dump',
  isGeneral: true,
  match(evidence) {
    const { exit, coreDump } = evidence;
    // Systemd itself sends SIGABRT where the watchdog or a timeout ran out.
    if (exit === undefined || exit.result === 'watchdog' || exit.result === 'timeout') return undefined;
    const crashed = exit.code === 'dumped' || (exit.code === 'killed' && crashes.has(exit.name ?? ''));
    if (!crashed && coreDump === undefined) return undefined;
    const signal = exit.code === 'exited' ? (coreDump?.signal ?? 'a signal') : (exit.name ?? 'a signal');
    const who = coreDump?.executable ?? 'its program';
    const dump = coreDump === undefined ? '' : `; look with coredumpctl info ${coreDump.pid}`;
    const words = told(evidence, lastWords) === undefined ? [] : proofOf(evidence, lastWords);
    const said = saidBySystemd(evidence, ended).slice(-1);
    const seen =
      coreDump === undefined
        ? []
        : [
            `core dump of PID ${coreDump.pid} (${coreDump.executable ?? 'unknown'}) on ${signal} at ${coreDump.at}`,
          ];
    return {
      sentence: `${who[0]?.toUpperCase()}${who.slice(1)} crashed on ${signal}${dump}.`,
      proof: [...words, ...said, ...seen],
      state: 'confirmed',
    };
  },
};
