import * as v from 'valibot';
import { builtInPolicy, maxRuleRestarts } from '../core/policy.ts';
import { formatTimeSpan } from '../core/time-span.ts';
import { match } from './pattern-schema.ts';
import { remedy } from './remedy-schema.ts';
import { maxSinks, sinkName } from './sink-schema.ts';
import { dayMs, timeSpan } from './span-schema.ts';

const maxNameLength = 64;
const maxRules = 16;
const maxSpanMs = 7 * dayMs;
const maxRemindMs = 28 * dayMs;

const nameWanted = `; expected text of 1 to ${maxNameLength} characters on one line, no space at either end`;
const restartsWanted = `; expected a whole number from 1 to ${maxRuleRestarts}`;
const loopWanted = `; expected a list of 1 to ${maxRules} rules, such as { restarts: 5, within: 2min }`;
const modeWanted = '; expected alert, recommend or apply';
const notifyWanted = `; expected a sink of flapd.yaml, or a list of up to ${maxSinks} of them`;

const namePattern = /^(?! )[^\p{C}\p{Zl}\p{Zp}]*(?<! )$/u;

const loopRule = v.strictObject(
  {
    restarts: v.pipe(
      v.number(restartsWanted),
      v.integer(restartsWanted),
      v.minValue(1, restartsWanted),
      v.maxValue(maxRuleRestarts, restartsWanted),
      v.metadata({
        title: `whole number from 1 to ${maxRuleRestarts}`,
        description: 'How many restarts, automatic and external alike, make a loop.',
      }),
    ),
    within: v.pipe(
      timeSpan({ maxMs: maxSpanMs, example: '2min' }),
      v.description('The window they fall into.'),
    ),
  },
  '; expected a rule such as { restarts: 5, within: 2min }',
);

const name = v.pipe(
  v.string(nameWanted),
  v.regex(namePattern, nameWanted),
  v.minLength(1, nameWanted),
  v.maxLength(maxNameLength, nameWanted),
  v.metadata({
    title: `text of 1 to ${maxNameLength} characters on one line`,
    description: 'Unique; stands in logs, metrics and incidents. Left out, it is made of the file name.',
  }),
);

const loop = v.pipe(
  v.array(loopRule, loopWanted),
  v.minLength(1, loopWanted),
  v.maxLength(maxRules, loopWanted),
  v.metadata({
    title: `list of 1 to ${maxRules} rules`,
    description: 'Any rule that holds opens an incident.',
    default: builtInPolicy.loop.map(({ restarts, withinMs }) => ({
      restarts,
      within: formatTimeSpan(withinMs),
    })),
  }),
);

const notify = v.pipe(
  v.union([sinkName, v.pipe(v.array(sinkName), v.maxLength(maxSinks, notifyWanted))], notifyWanted),
  v.transform((names) => (typeof names === 'string' ? [names] : names)),
  v.metadata({
    title: 'sink name, or a list of them',
    description:
      'Sinks of flapd.yaml that are told. Left out, all of them are; an empty list is for the log only, which is always told.',
  }),
);

export const policy = v.strictObject(
  {
    name: v.exactOptional(name),
    match: v.exactOptional(match),
    loop: v.exactOptional(loop),
    calm_after: v.exactOptional(
      v.pipe(
        timeSpan({ maxMs: maxSpanMs, example: '2min', defaultMs: builtInPolicy.calmAfterMs }),
        v.description(
          "Stable uptime that closes an incident; twice the loop's own period where that is longer.",
        ),
      ),
    ),
    mode: v.exactOptional(
      v.pipe(
        v.picklist(['alert', 'recommend', 'apply'], modeWanted),
        v.metadata({
          description: 'What is done about a loop: tell, also advise, or also change the unit.',
          default: builtInPolicy.mode,
        }),
      ),
    ),
    remedy: v.exactOptional(
      v.pipe(
        remedy,
        v.description('What a change may be made of, where `mode` is `apply`, and how long it stays.'),
      ),
    ),
    notify: v.exactOptional(notify),
    remind_every: v.exactOptional(
      v.pipe(
        timeSpan({
          maxMs: maxRemindMs,
          zero: 'never',
          example: '4h',
          defaultMs: builtInPolicy.remindEveryMs,
        }),
        v.description('How often an open incident is told again; 0 for never.'),
      ),
    ),
  },
  '; expected a policy such as { name: web, match: nginx }',
);

export type PolicyEntry = v.InferOutput<typeof policy>;
