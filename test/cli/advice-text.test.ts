import { describe, expect, test } from 'vitest';
import { overrideOf, renderAdvice } from '../../src/cli/advice-text.ts';
import { advise } from '../../src/core/advice/advice.ts';
import { evidenceOf, hourMs, runsUntil, serviceOf } from '../core/advice/advice-cases.ts';
import { exited, killed } from '../core/systemd/ending-cases.ts';

const day = 24 * hourMs;
const now = { wallMs: 0, monotonicMs: day + 50 };
const loop = runsUntil(day, { ends: [exited(1)], times: 3812, uptimeMs: 8000, cpuMs: 2050 });
const plain = { color: false, user: false, named: true };

describe('advice for people', () => {
  test('names the change, the reason, what it would have saved and how to do it', () => {
    expect(renderAdvice([advise(evidenceOf(loop))], now, plain)).toBe(`app.service
  [Service]
  - RestartPreventExitStatus=
  + RestartPreventExitStatus=1
      The main process ended 3,812 times in 8h 50min with status 1/FAILURE after about 8s, and never came
      back by itself, so restarting it is in vain; its start limit can't stop it: 5 × 8.4s > 10s; prevented,
      it rests in "failed", where everybody sees it.

  With this, over the last 1d: 0 restarts instead of 3,812; 2h 10min of CPU not burned; never down for longer
  than it was.
  By 3,812 deaths in 8h 50min; in the 15h 10min before, no other.
  To apply: sudo flapd apply app.service
`);
  });

  test('has the delays before the limit that follows from them, each section once', () => {
    const segv = runsUntil(day, { ends: [killed(11)], times: 20, uptimeMs: 3000 });
    const text = renderAdvice([advise(evidenceOf(segv))], now, plain);
    const changes = text.split('\n').filter((line) => /^ {2}[[+]/.test(line));
    expect(changes).toEqual([
      '  [Service]',
      '  + RestartSec=5s',
      '  + RestartSteps=6',
      '  + RestartMaxDelaySec=5min',
      '  [Unit]',
      '  + StartLimitIntervalSec=1h',
      '  + StartLimitBurst=9',
    ]);
  });

  test('says why nothing should change, and no command', () => {
    expect(renderAdvice([advise(evidenceOf([]))], now, plain)).toBe(`app.service
  It did not die in the last 1d without being asked to: there is nothing to change.
  By what is known of the last 1d.
`);
  });

  test('is one sentence where all is well', () => {
    expect(renderAdvice([], now, { ...plain, named: false })).toBe(
      'No service loops or is about to: there is nothing to advise.\n',
    );
  });

  test('writes the file itself where systemctl edit can not read it, and asks the user manager of a user', () => {
    const older = advise(evidenceOf(loop, { settings: { systemdVersion: 252 } }));
    const command =
      'flapd advise --user app.service --print | install -D -m 644 /dev/stdin ~/.config/systemd/user/app.service.d/90-restarts.conf && systemctl --user daemon-reload';
    expect(renderAdvice([older], now, { ...plain, user: true })).toContain(`To apply: ${command}\n`);
    expect(renderAdvice([advise(evidenceOf(loop))], now, { ...plain, user: true })).toContain(
      'flapd advise --user app.service --print | systemctl --user edit --stdin app.service',
    );
  });

  test('is coloured on a terminal alone', () => {
    const advices = [advise(evidenceOf(loop))];
    expect(renderAdvice(advices, now, plain)).not.toContain('\u001b');
    expect(renderAdvice(advices, now, { ...plain, color: true })).toContain(
      '\u001b[32m  + RestartPreventExitStatus=1\u001b[0m',
    );
  });
});

describe('advice for a template', () => {
  const service = serviceOf({}, { unit: 'app@1.service' });
  const sisters = [{ unit: 'app@2.service', diesAlike: true }];
  const shared = advise(evidenceOf(loop, { service, sisters }));
  const forAll =
    'To apply to all instances: flapd advise app@1.service --print | systemctl edit --stdin app@.service';

  test('says how to apply it to all instances, and how to the one', () => {
    expect(renderAdvice([shared], now, plain)).toMatch(
      `${forAll}\n  To apply to this one alone: sudo flapd apply app@1.service\n`,
    );
    expect(renderAdvice([shared], now, { ...plain, user: true })).not.toContain('flapd apply');
  });

  test('says, where it is applied to one instance, that the others stay as they are', () => {
    const text = renderAdvice([shared], now, { ...plain, applying: true });
    expect(text).toContain(
      'Note: flapd apply changes app@1.service alone, and leaves app@.service as it is.',
    );
    expect(text).toContain(forAll);
  });

  test('is nothing of this where the sisters have troubles of their own', () => {
    const own = advise(evidenceOf(loop, { service, sisters: [{ unit: 'app@2.service', diesAlike: false }] }));
    expect(renderAdvice([own], now, plain)).toContain('To apply: sudo flapd apply app@1.service\n');
    expect(renderAdvice([own], now, { ...plain, applying: true })).not.toContain('alone');
  });
});

describe('systemctl edit --stdin', () => {
  const over = (file: string, systemdVersion = 257): number => {
    const service = serviceOf({ systemdVersion }, { dropInPaths: [file] });
    return overrideOf(advise(evidenceOf(loop, { service })), false).length;
  };

  test('replaces an override.conf that somebody has written', () => {
    expect(over('/etc/systemd/system/app.service.d/override.conf')).toBe(1);
  });

  test('leaves all other files alone', () => {
    expect(over('/etc/systemd/system/app.service.d/10-more.conf')).toBe(0);
    expect(over('/run/systemd/system/app.service.d/override.conf')).toBe(0);
    expect(over('/etc/systemd/system/app.service.d/override.conf', 252)).toBe(0);
  });
});
