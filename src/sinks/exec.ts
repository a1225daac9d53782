import type { ExecSettings } from '../core/sink-settings.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import { payloadOf } from './payload.ts';
import { runCommand, type Ended } from './run-command.ts';
import type { Outcome, Sink } from './sink.ts';
import { oneLine } from './words.ts';

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The command is told by JSON on its standard input, and by three variables for whoever needs no more. */
export function execSink(settings: ExecSettings, host: string): Sink {
  const { command, timeoutMs } = settings;
  return {
    deliver: async (notification, signal) => {
      const { event, incident } = notification;
      const ended = await runCommand(
        {
          command,
          // None of flapd's own variables: what a supervisor gave it is not for others.
          env: {
            PATH: searchPath,
            LANG: 'C.UTF-8',
            FLAPD_EVENT: event,
            FLAPD_UNIT: incident.unit,
            FLAPD_INCIDENT: incident.id,
          },
          input: `${JSON.stringify(payloadOf(notification, host))}\n`,
          timeoutMs,
        },
        signal,
      );
      return outcomeOf(ended, settings);
    },
  };
}

function outcomeOf(ended: Ended, { command, timeoutMs }: ExecSettings): Outcome {
  if (ended.how === 'exited' && ended.status === 0) return { kind: 'delivered', answer: 'exit status 0' };
  // Arguments may hold a token.
  const which = `Cannot run "${command[0] ?? ''}"`;
  const output = ended.output === '' ? '' : ` (output: "${oneLine(ended.output)}")`;
  return {
    kind: 'failed',
    why: `${which}: ${foundOf(ended, timeoutMs)}${output}; expected exit status 0`,
    retryable: true,
  };
}

function foundOf(ended: Ended, timeoutMs: number): string {
  switch (ended.how) {
    case 'exited':
      return `it ended with exit status ${String(ended.status)}`;
    case 'killed':
      return `it was killed by ${ended.by}`;
    case 'late':
      return `it was not done within ${displayTimeSpan(timeoutMs)}, and was killed`;
    case 'aborted':
      return 'flapd stops, and killed it before it was done';
    case 'not-started':
      return ended.why;
  }
}
