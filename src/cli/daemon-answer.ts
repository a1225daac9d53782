import * as v from 'valibot';
import type { IncidentView, UnitView } from '../core/view.ts';
import { remedyStates } from '../core/remedy/remedy.ts';
import { isServiceName } from '../core/unit-name.ts';
import { amount, changesView, count, evidenceView, exitKind, exitView, line, time } from '../view-schema.ts';

/**
 * What the HTTP API of a running flapd answers, read strictly: any program may listen on that port, and what it says ends
 * up on an administrator's terminal.
 */

const service = v.pipe(v.string(), v.check(isServiceName));

const exits = v.array(v.looseObject({ ...exitKind, count }));

// More fields are welcome: a newer flapd may have them.
const remedy = v.looseObject({
  unit: service,
  dropIn: v.exactOptional(line),
  directives: v.exactOptional(
    v.pipe(v.array(v.looseObject({ section: line, directive: line, to: line })), v.maxLength(20)),
  ),
  appliedAt: v.exactOptional(time),
  until: v.exactOptional(time),
  outcome: v.picklist(remedyStates),
  reason: v.exactOptional(line),
});

const unitView = v.looseObject({
  unit: service,
  verdict: v.picklist(['calm', 'suspect', 'looping', 'recovering', 'braked']),
  policy: line,
  mode: v.picklist(['alert', 'recommend', 'apply']),
  silencedUntil: v.exactOptional(time),
  restarts: v.looseObject({ automatic: count, external: count, inferred: count }),
  window: v.array(v.looseObject({ within: line, withinSeconds: amount, restarts: count })),
  timeline: v.looseObject({ sliceSeconds: amount, restarts: v.pipe(v.array(count), v.maxLength(100)) }),
  periodSeconds: v.exactOptional(amount),
  lastExit: v.exactOptional(exitView),
  exits,
  burnedCpuSeconds: v.exactOptional(amount),
  brakeEffective: v.exactOptional(v.boolean()),
  incident: v.exactOptional(line),
  remedy: v.exactOptional(remedy),
});

const wasAndWouldBe = v.looseObject({ was: amount, wouldBe: amount });
const mostDirectives = 10;
/** The drop-in alone has more than one line. */
const file = v.pipe(v.string(), v.maxLength(16_384));

const adviceView = v.looseObject({
  unit: service,
  target: line,
  directives: v.pipe(
    v.array(
      v.looseObject({
        section: v.picklist(['Unit', 'Service']),
        directive: line,
        from: line,
        to: line,
        writes: line,
        reason: line,
      }),
    ),
    v.maxLength(mostDirectives),
  ),
  dropIn: v.exactOptional(file),
  counterfactual: v.exactOptional(
    v.looseObject({
      since: time,
      until: time,
      restarts: wasAndWouldBe,
      burnedCpuSeconds: v.exactOptional(wasAndWouldBe),
      longestExtraDownSeconds: amount,
      sentence: line,
    }),
  ),
  none: v.exactOptional(line),
  basis: line,
  notes: v.pipe(v.array(line), v.maxLength(20)),
});

const incidentView = v.looseObject({
  id: line,
  unit: service,
  kind: v.picklist(['loop', 'braked']),
  openedAt: time,
  beganAt: v.exactOptional(time),
  closedAt: v.exactOptional(time),
  closedBecause: v.exactOptional(line),
  policy: line,
  rule: v.exactOptional(v.looseObject({ restarts: count, within: line })),
  restarts: count,
  periodSeconds: v.exactOptional(amount),
  exits,
  firstExit: v.exactOptional(exitView),
  burnedCpuSeconds: v.exactOptional(amount),
  root: v.exactOptional(line),
  causes: v.exactOptional(
    v.pipe(
      v.array(
        v.looseObject({
          id: line,
          state: v.picklist(['confirmed', 'likely', 'could-not-check']),
          sentence: line,
          proof: v.pipe(v.array(line), v.maxLength(20)),
          hint: v.exactOptional(line),
          runbook: v.exactOptional(line),
        }),
      ),
      v.maxLength(20),
    ),
  ),
  evidence: v.exactOptional(evidenceView),
  changes: v.exactOptional(changesView),
  advice: v.exactOptional(adviceView),
  remedy: v.exactOptional(remedy),
  groups: v.pipe(v.array(line), v.maxLength(1000)),
  partOf: v.exactOptional(line),
  sentence: line,
});

/** These throw where the text is not what flapd answers. */
export const parseUnit = (text: string): UnitView => v.parse(unitView, JSON.parse(text));
export const parseUnits = (text: string): readonly UnitView[] => v.parse(v.array(unitView), JSON.parse(text));
export const parseIncidents = (text: string): readonly IncidentView[] =>
  v.parse(v.array(incidentView), JSON.parse(text));
