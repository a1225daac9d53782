import { beforeEach, describe, expect, test } from 'vitest';
import type { Config, ConfigResult } from '../src/config/load.ts';
import { problemOf } from '../src/config/problem.ts';
import { builtInPolicy } from '../src/core/policy.ts';
import { AppError } from '../src/kit/errors.ts';
import type { Log } from '../src/kit/log.ts';
import { Reloading } from '../src/reloading.ts';

const good: Config = {
  listen: { kind: 'off' },
  manager: 'system',
  apply: 'on',
  backfillMs: 0,
  sinks: {},
  policies: [builtInPolicy],
  causes: [],
  files: [],
  warnings: [],
};
const better: Config = { ...good, policies: [{ ...builtInPolicy, name: 'mine' }, builtInPolicy] };
const bad: ConfigResult = { ok: false, problems: [problemOf('/etc/flapd/flapd.yaml', 'it is torn')] };
const usable = (config: Config): ConfigResult => ({ ok: true, config });

const logged: string[] = [];
const applied: Config[] = [];
let found: ConfigResult;
let reads = 0;
let wallMs = 0;
let refusal: Error | undefined;
let reloading: Reloading;

const at =
  (level: string) =>
  (_fields: object, sentence: string): void =>
    void logged.push(`${level} ${sentence}`);
const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };

beforeEach(() => {
  logged.length = 0;
  applied.length = 0;
  found = usable(good);
  reads = 0;
  wallMs = 1000;
  refusal = undefined;
  reloading = new Reloading({
    inForce: good,
    log,
    nowWallMs: () => wallMs,
    load: async () => {
      reads += 1;
      return found;
    },
    apply: async (config) => {
      if (refusal !== undefined) throw refusal;
      applied.push(config);
    },
    onDone: () => {},
  });
  wallMs = 2000;
});

describe('Reloading', () => {
  test('puts what has changed in force', async () => {
    found = usable(better);
    await reloading.reload(false);
    expect(applied).toEqual([better]);
    expect(reloading.config).toBe(better);
    expect(reloading.outcome).toEqual({ ok: true, atWallMs: 2000 });
    expect(logged).toEqual([
      'info The new configuration is in force: 1 policy and the built-in one; flapd tells the log.',
    ]);
  });

  test('keeps the last good one where there are problems, and says where they are', async () => {
    found = bad;
    await reloading.reload(false);
    expect(applied).toEqual([]);
    expect(reloading.config).toBe(good);
    expect(reloading.outcome).toEqual({ ok: false, atWallMs: 1000 });
    expect(logged).toEqual([
      'error Cannot use the new configuration; the last good one stays in force. ' +
        '"flapd check" shows a problem: /etc/flapd/flapd.yaml:1:1: it is torn',
    ]);
  });

  test('keeps it where the new one can not be put in force', async () => {
    found = usable(better);
    refusal = new AppError('Cannot listen on "x": the port is in use; expected a free port', { exitCode: 1 });
    await reloading.reload(false);
    expect(reloading.config).toBe(good);
    expect(reloading.outcome.ok).toBe(false);
    expect(logged[0]).toMatch(/^error Cannot listen on .* The last good configuration stays in force\.$/);
  });

  test('is well again once the mistake is taken back', async () => {
    found = bad;
    await reloading.reload(false);
    found = usable(good);
    await reloading.reload(false);
    expect(applied).toEqual([]);
    expect(reloading.outcome.ok).toBe(true);
    expect(logged.at(-1)).toBe('info The configuration is again the one that is in force.');
  });

  test('says nothing where nothing has changed, unless somebody asked', async () => {
    await reloading.reload(false);
    expect(logged).toEqual([]);
    await reloading.reload(true);
    expect(logged).toEqual(['info The configuration was read again: nothing has changed.']);
  });

  test('reads once more, and not more often, where more changes come while it reads', async () => {
    const first = reloading.reload(false);
    found = usable(better);
    await Promise.all([first, reloading.reload(false), reloading.reload(false)]);
    await expect.poll(() => reads).toBe(2);
    await expect.poll(() => applied).toEqual([better]);
  });

  test('says where to see what is hardly meant', async () => {
    const warning = problemOf('/etc/flapd/policies.d/10.yaml', 'policy "b" never applies');
    found = usable({ ...better, warnings: [warning] });
    await reloading.reload(false);
    expect(logged.at(-1)).toBe(
      'info Something in the configuration is hardly meant (1 warning): see "flapd check".',
    );
  });
});
