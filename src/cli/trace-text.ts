import type { Strace } from '../core/evidence/strace-output.ts';
import { displayTimeSpan } from '../core/time-span.ts';
import { columns } from './columns.ts';

export interface Traced {
  readonly unit: string;
  readonly pid: number;
  readonly invocationId: string;
  readonly seconds: number;
  /** Runs that were over before strace was attached. */
  readonly missed: number;
  readonly seen: Strace;
}

/** Rows of the summary: the calls below took no time. */
const mostRows = 20;

export function traceText(traced: Traced): string {
  const { failed } = traced.seen;
  const blocks = [
    [headline(traced)],
    failed.length === 0
      ? ['No call failed.']
      : [
          'The last calls that failed:',
          ...failed.map(({ line, count }) => `  ${line}${count === 1 ? '' : `  (${count} times)`}`),
        ],
    summary(traced.seen),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headline({ unit, pid, seconds, missed, seen }: Traced): string {
  const lasted = displayTimeSpan(seconds * 1000);
  const how =
    seen.end === undefined
      ? `traced for ${lasted}; it goes on, and strace has let go of it`
      : `traced for ${lasted}, until it ${seen.end.startsWith('killed') ? `was ${seen.end}` : seen.end}`;
  const before =
    missed === 0
      ? ''
      : ` ${missed === 1 ? 'One run was' : `${missed} runs were`} over before strace was there.`;
  return `${unit}, PID ${pid}: ${how}.${before}`;
}

function summary({ counts }: Strace): readonly string[] {
  const rows = counts
    .slice(0, mostRows)
    .map(({ call, seconds, calls, errors }) => [
      call,
      displayTimeSpan(seconds * 1000),
      String(calls),
      String(errors),
    ]);
  const more = counts.length - rows.length;
  return [
    ...columns([['CALL', 'TIME IN KERNEL', 'CALLS', 'ERRORS'], ...rows]),
    ...(more > 0 ? [`${more} more took less.`] : []),
  ];
}

/** The shape of `--json`. */
export function traceView({ unit, pid, invocationId, seconds, missed, seen }: Traced): object {
  const { failed, counts, end } = seen;
  return {
    unit,
    pid,
    invocationId,
    seconds: Number(seconds.toFixed(3)),
    missed,
    ...(end === undefined ? {} : { end }),
    failed,
    counts,
  };
}
