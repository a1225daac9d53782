import * as v from 'valibot';
import { builtInPolicy } from '../core/policy.ts';
import { formatTimeSpan } from '../core/time-span.ts';
import { exitStatus } from './exit-status-schema.ts';
import { dayMs, timeSpan } from './span-schema.ts';

const maxStatuses = 64;
const maxBackoffMs = dayMs;
/** 365.25 days, as systemd counts a year. */
const maxRevertMs = 365.25 * dayMs;

const preventWanted = `; expected auto, off or a list of 1 to ${maxStatuses} exit statuses, such as [1, CONFIG, SIGSEGV]`;
const backoffWanted = '; expected auto, off or { from: 5s, to: 5min }';

const backoffSpan = (example: string) => timeSpan({ maxMs: maxBackoffMs, example });

const steps = v.pipe(
  v.strictObject(
    {
      from: v.pipe(backoffSpan('5s'), v.description('The delay before the first restart.')),
      to: v.pipe(backoffSpan('5min'), v.description('The longest delay; at least `from`.')),
    },
    backoffWanted,
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed || dataset.value.to >= dataset.value.from) return;
    const { from, to } = dataset.value;
    const input = formatTimeSpan(to);
    addIssue({
      input,
      message: `, less than "from"; expected at least ${formatTimeSpan(from)}`,
      path: [{ type: 'object', origin: 'value', input: dataset.value, key: 'to', value: input }],
    });
  }),
);

const { remedy: builtIn } = builtInPolicy;

export const remedy = v.strictObject(
  {
    prevent_exit_status: v.exactOptional(
      v.pipe(
        v.union(
          [
            v.picklist(['auto', 'off']),
            v.pipe(
              v.array(exitStatus),
              v.minLength(1, preventWanted),
              v.maxLength(maxStatuses, preventWanted),
            ),
          ],
          preventWanted,
        ),
        v.metadata({
          title: 'auto, off or a list of exit statuses',
          description:
            'Exit statuses and signals after which systemd is told not to restart the unit: those it was seen to die of (auto), none (off), or these. SIGTERM, SIGABRT and SIGKILL are refused: systemd sends them itself.',
          default: builtIn.preventExitStatus,
        }),
      ),
    ),
    backoff: v.exactOptional(
      v.pipe(
        v.union([v.picklist(['auto', 'off']), steps], backoffWanted),
        v.metadata({
          title: 'auto, off or { from, to }',
          description:
            'Growing delays between restarts: computed from the loop (auto), none (off), or these.',
          default: builtIn.backoff,
        }),
      ),
    ),
    start_limit: v.exactOptional(
      v.pipe(
        v.picklist(['auto', 'off'], '; expected auto or off'),
        v.metadata({
          description: "Whether a start limit that can't trip is set so that it can.",
          default: builtIn.startLimit,
        }),
      ),
    ),
    lifetime: v.exactOptional(
      v.pipe(
        v.picklist(['runtime', 'persistent'], '; expected runtime (gone at reboot) or persistent'),
        v.metadata({
          description:
            'Where the change is written: under /run, gone at reboot (runtime), or under /etc (persistent).',
          default: builtIn.lifetime,
        }),
      ),
    ),
    revert_after: v.exactOptional(
      v.pipe(
        timeSpan({
          maxMs: maxRevertMs,
          zero: 'keep',
          example: '24h',
          defaultMs: builtIn.revertAfterMs,
        }),
        v.description('When the change is taken back; 0 to keep it.'),
      ),
    ),
  },
  '; expected a mapping such as { backoff: auto, lifetime: runtime }',
);

export type RemedyEntry = v.InferOutput<typeof remedy>;
