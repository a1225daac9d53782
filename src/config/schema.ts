import * as v from 'valibot';
import { parseListen } from './listen.ts';
import { policy } from './policy-schema.ts';
import { sinks } from './sink-schema.ts';
import { dayMs, timeSpan } from './span-schema.ts';

/**
 * What flapd.yaml and policies.d/*.yaml hold. Every message goes on after `"key" is <value>`: `; expected …`, or
 * `: <what is wrong with it>; expected …`. What `metadata` holds is for the JSON Schema and the reference alone.
 */

export const maxPolicies = 1000;
const maxBackfillMs = 28 * dayMs;
/** As far as the longest default rule looks. */
export const defaultBackfillMs = dayMs;

const listenWanted = '; expected HOST:PORT, [IPV6]:PORT in quotes, unix:/PATH or off';
const applyWanted = '; expected on or off';
const managerWanted = '; expected system or user';

const listen = v.pipe(
  v.string(listenWanted),
  v.metadata({
    title: 'HOST:PORT, [IPV6]:PORT, unix:/PATH or off',
    description: 'Where HTTP is served, read-only.',
    default: '127.0.0.1:9843',
    pattern: '^(?:off|unix:/.*[^/]|\\[[0-9A-Za-z:.%_\\-]+\\]:\\d{1,5}|[\\w.\\-]+:\\d{1,5})$',
  }),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseListen(dataset.value);
    if (parsed.ok) return parsed.listen;
    addIssue({ message: `: ${parsed.found}${listenWanted}` });
    return NEVER;
  }),
);

export const flapdFile = v.strictObject(
  {
    listen: v.exactOptional(listen),
    manager: v.exactOptional(
      v.pipe(
        v.picklist(['system', 'user'], managerWanted),
        v.metadata({ description: 'Whose services are watched.', default: 'system' }),
      ),
    ),
    apply: v.exactOptional(
      v.pipe(
        v.picklist(['on', 'off'], applyWanted),
        v.metadata({
          description:
            'Whether flapd may change any unit of this host. With `on` the policies decide, and without one that says `mode: apply` it changes none; `off` overrules them all.',
          default: 'on',
        }),
      ),
    ),
    backfill: v.exactOptional(
      v.pipe(
        timeSpan({ maxMs: maxBackfillMs, zero: 'none', example: '24h', defaultMs: defaultBackfillMs }),
        v.description('How far back the journal is read at start; 0 for not at all.'),
      ),
    ),
    sinks: v.exactOptional(sinks),
  },
  '; expected keys such as "listen: 127.0.0.1:9843"',
);

export const policiesFile = v.strictObject(
  {
    policies: v.exactOptional(
      v.pipe(
        v.array(policy, '; expected a list of policies'),
        v.metadata({ title: 'list of policies', maxItems: maxPolicies }),
      ),
    ),
  },
  '; expected the key "policies"',
);
