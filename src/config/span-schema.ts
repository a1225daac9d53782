import * as v from 'valibot';
import { formatTimeSpan, parseTimeSpan } from '../core/time-span.ts';

export interface SpanBounds {
  readonly maxMs: number;
  /** What 0 stands for, where it may be written: `never`. */
  readonly zero?: string;
  readonly example: string;
  /** Taken where the key is left out. */
  readonly defaultMs?: number;
}

export const minuteMs = 60 * 1000;
export const dayMs = 24 * 60 * minuteMs;

/** A time span as systemd writes it, or a number of seconds; milliseconds come out. */
export function timeSpan({ maxMs, zero, example, defaultMs }: SpanBounds) {
  const most = formatTimeSpan(maxMs);
  const kind = zero === undefined ? `above 0 and up to ${most}` : `from 0 (${zero}) up to ${most}`;
  const wanted = `; expected a time span ${kind}, such as ${example}`;
  const least = zero === undefined ? { exclusiveMinimum: 0 } : { minimum: 0 };
  return v.pipe(
    v.union([v.string(), v.number()], wanted),
    v.metadata({
      title: `time span ${kind}`,
      anyOf: [
        { type: 'string', pattern: spanPattern },
        { type: 'number', ...least, maximum: maxMs / 1000 },
      ],
      ...(defaultMs === undefined ? {} : { default: formatTimeSpan(defaultMs) }),
    }),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const parsed = parseTimeSpan(String(dataset.value));
      const fits = parsed.ok && parsed.ms <= maxMs && (parsed.ms > 0 || zero !== undefined);
      if (fits) return parsed.ms;
      addIssue({ message: parsed.ok ? wanted : `: ${parsed.found}${wanted}` });
      return NEVER;
    }),
  );
}

const number = '(?:\\+?\\d+(?:\\.\\d+)?|\\.\\d+)';
const unit =
  '(?:y|years?|M|months?|w|weeks?|d|days?|h|hr|hours?|m|min|minutes?|s|sec|seconds?|ms|msec|us|\u00b5s|\u03bcs|usec)';

/** What `parseTimeSpan` takes, as far as a pattern can say it; every part but the last ends in a unit or a space. */
export const spanPattern = `^\\s*(?:${number}\\s*${unit}\\s*|${number}\\s+)*${number}\\s*(?:${unit})?\\s*$`;
