import { expect, test } from 'vitest';
import { explainText } from '../../src/cli/explain-text.ts';
import type { Explanation } from '../../src/cli/explain.ts';
import { firstFailureOf } from '../../src/cli/first-failure.ts';
import type { Evidence } from '../../src/core/evidence/evidence.ts';
import type { ExitView, IncidentView, UnitView } from '../../src/core/view.ts';
import type { Explained } from '../../src/explain-run.ts';
import { loop } from '../sinks/samples.ts';
import { evidenceOf } from '../support/evidence.ts';
import { inZone } from '../support/zone.ts';

inZone('Europe/Berlin');

const exit: ExitView = {
  at: '2026-11-24T12:00:00.000Z',
  summary: 'the main process exited with status 1/FAILURE',
  process: 'main',
  code: 'exited',
  status: 1,
  result: 'exit-code',
  uptimeSeconds: 8,
  invocationId: 'ad15f0f34c0a4b2988d270dc7e0277e5',
};

const unit: UnitView = {
  unit: 'app.service',
  verdict: 'suspect',
  policy: 'default',
  mode: 'recommend',
  restarts: { automatic: 3, external: 0, inferred: 0 },
  window: [],
  timeline: { sliceSeconds: 5, restarts: [] },
  periodSeconds: 8.1,
  lastExit: exit,
  exits: [],
  burnedCpuSeconds: 22.5,
};

const explainedBy = (evidence: Evidence): Explained => ({
  evidence,
  first: evidence,
  causes: [],
  changes: [],
});

const explanation: Explanation = {
  unit,
  incident: undefined,
  explained: explainedBy(evidenceOf(['first', 'last'])),
  settings: [],
  advice: undefined,
  warning: undefined,
};

const look = { color: false, user: false, nowMs: Date.parse(exit.at) + 60_000 };

test('how it fares, why it died, what changed and what to do next, each in a block of its own', () => {
  const text = explainText(
    {
      ...explanation,
      explained: {
        ...explainedBy({
          ...evidenceOf([]),
          statusMeaning: 'app: bad luck',
          cpuSeconds: 7.5,
          memoryPeakBytes: 64 * 2 ** 20,
        }),
        causes: [
          {
            id: 'address-in-use',
            state: 'confirmed',
            sentence: 'TCP port 80 is already in use since 2026-11-24T11:00:00.000Z.',
            proof: ['bind() failed'],
          },
          { id: 'fd-limit', state: 'likely', sentence: 'It has too many files open.', proof: [] },
        ],
        changes: [
          { at: '2026-11-24T11:57:00.000Z', kind: 'drop-in', what: 'drop-in /etc/x.conf was changed' },
        ],
      },
    },
    look,
  );
  expect(text)
    .toBe(`app.service has restarted, and may be about to loop; 3 restarts so far, about every 8.1s; 22.5s of CPU burned.
Last end: the main process exited with status 1/FAILURE (app: bad luck) after 8s, using 7.5s of CPU and 64M of memory at most, 1min ago.

Cause, confirmed (address-in-use): TCP port 80 is already in use since 2026-11-24 12:00:00.
  bind() failed
Also possible (fd-limit): It has too many files open.

Changed before its first failure:
  3min before: drop-in /etc/x.conf was changed

To go on:
  journalctl _SYSTEMD_INVOCATION_ID=ad15f0f34c0a4b2988d270dc7e0277e5
  flapd advise app.service
  flapd history app.service
  flapd trace app.service
  systemctl cat app.service
`);
});

test('without a cause its last lines have to do', () => {
  expect(explainText(explanation, look)).toContain(
    'The cause is not known. Its last lines:\n  first\n  last\n',
  );
  const silent = { ...explanation, explained: explainedBy(evidenceOf([])) };
  expect(explainText(silent, look)).toContain('The cause is not known: the run logged nothing.');
  const unread = evidenceOf([], { linesUnknown: 'No journal files were opened' });
  const unknown = { ...explanation, explained: explainedBy(unread) };
  expect(explainText(unknown, look)).toContain('The cause is not known: No journal files were opened.');
});

test('a run that lasted for less than a millisecond ended at once', () => {
  const brief = { ...unit, lastExit: { ...exit, uptimeSeconds: 0 } };
  expect(explainText({ ...explanation, unit: brief }, look)).toContain('status 1/FAILURE at once, 1min ago.');
});

test('where the last run is silent, the first failure of its loop has to do', () => {
  const first = evidenceOf(['first', 'last'], { exit: { ...exit, invocationId: 'f'.repeat(32) } });
  const words = "The cause is not known. Its first failure's last lines:\n  first\n  last\n";
  const silent = { ...explanation, explained: { ...explainedBy(evidenceOf([])), first } };
  expect(explainText(silent, look)).toContain(words);
  expect(firstFailureOf(silent)).toMatchObject({ lines: first.lines, exit: first.exit });
  // The daemon keeps what the journal no longer has.
  const incident: IncidentView = {
    ...loop,
    unit: unit.unit,
    evidence: { exit: first.exit ?? exit, lines: first.lines, oomKilled: false, settings: [] },
  };
  const rotated = { ...explanation, incident, explained: explainedBy(evidenceOf([])) };
  expect(explainText(rotated, look)).toContain(words);
  expect(firstFailureOf(explanation)).toBeUndefined();
});

test("the commands are those of the user's manager, and of a name that a shell would misread", () => {
  const odd = { ...explanation, unit: { ...unit, unit: String.raw`a\x2db.service` } };
  const text = explainText(odd, { ...look, user: true });
  expect(text).toContain(String.raw`  systemctl --user cat 'a\x2db.service'`);
});
