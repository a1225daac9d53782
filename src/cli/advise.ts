import { adviceFor } from '../advising.ts';
import type { Config } from '../config/load.ts';
import type { Advice } from '../core/advice/advice.ts';
import { adviceDropIn, presentAdvice } from '../core/advice/present-advice.ts';
import type { State } from '../core/state.ts';
import { majorVersion } from '../core/systemd/systemd-version.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { connectBus } from '../systemd/bus.ts';
import { Manager } from '../systemd/manager.ts';
import { systemdUnreachable } from '../systemd/unreachable.ts';
import { overrideOf, renderAdvice } from './advice-text.ts';
import type { Typed } from './args.ts';
import { type DirectLook, lookDirectly } from './look-directly.ts';
import { busOf, configOf, textFlag } from './options.ts';
import { Progress } from './progress.ts';
import { sinceOf } from './replay.ts';
import { type Shell, wantsColor } from './shell.ts';
import { canonicalNames, serviceNameOf } from './unit-operands.ts';

/** Somebody waits for it: past this the latest hour alone is read. */
const readWithinMs = 30_000;
/** Some ten thousand runs: of a loop that goes on for a week they tell enough. */
const mostEntries = 60_000;

export interface Asked {
  readonly typed: Typed;
  readonly shell: Shell;
  readonly config: Config;
  readonly bus: ReturnType<typeof busOf>;
}

/** `flapd advise`: what to change about the restarts of services, or why nothing. Writes nothing. */
export async function showAdvice(typed: Typed, shell: Shell): Promise<ExitCode> {
  const names = typed.operands.map(serviceNameOf);
  const prints = typed.flags['print'] === true;
  const json = typed.flags['json'] === true;
  if (prints && (names.length !== 1 || json)) throw wrongPrint(json);
  const config = await configOf(typed);
  const bus = busOf(typed, config, shell);
  const { advices } = await adviceOn(names, { typed, shell, config, bus });
  if (prints) return print(advices[0], config, shell);

  const now = shell.clock.now();
  if (json) {
    const views = advices.map((advice) => presentAdvice(advice, now));
    shell.stdout.write(`${JSON.stringify(names.length === 1 ? views[0] : views, undefined, 2)}\n`);
  } else {
    const text = { color: wantsColor(shell), user: config.manager === 'user', named: names.length > 0 };
    shell.stdout.write(renderAdvice(advices, now, text));
  }
  return advices.some(({ none }) => none === undefined) ? 1 : 0;
}

/** On the services named, or on those that loop or are about to. */
async function adviceOn(
  names: readonly string[],
  asked: Asked,
): Promise<{ readonly advices: readonly Advice[]; readonly state: State }> {
  const { typed, shell, config, bus } = asked;
  const backMs = sinceOf(textFlag(typed.flags['since']), typed.verb.name);
  // First, because it is soon said that there is no bus or no such unit.
  const own = names.length === 0 ? undefined : await canonicalNames(bus.address, names);
  const look = await lookNow(asked);
  try {
    const { units, warning } = look.picture();
    if (warning !== undefined) shell.stderr.write(`flapd: ${warning}\n`);
    const troubled = units.filter(({ verdict }) => verdict !== 'calm').map(({ unit }) => unit);
    const wanted = own === undefined ? troubled : [...new Set(own.values())];
    const progress = new Progress(shell, 'Reading the journal');
    const past = {
      manager: config.manager,
      backMs: bus.own ? backMs : 0,
      mostEntries,
      withinMs: readWithinMs,
      onLine: () => progress.step(),
    };
    const advices = await adviseEach(wanted, look.state, past, asked);
    progress.done();
    return { advices, state: look.state };
  } finally {
    await look.close();
  }
}

/** What is advised on one service, and the incident that it is in. */
export async function adviseNow(
  name: string,
  asked: Asked,
): Promise<{ readonly advice: Advice; readonly incident: string | undefined }> {
  const { advices, state } = await adviceOn([serviceNameOf(name)], asked);
  const [advice] = advices;
  if (advice === undefined) throw new Error(`there is no advice on ${name}`);
  return { advice, incident: state.units.get(advice.unit)?.incident?.id };
}

function lookNow({ shell, config, bus }: Asked): Promise<DirectLook> {
  const { signal } = new AbortController();
  const { clock } = shell;
  return lookDirectly({ config, address: bus.address, clock, signal, journal: bus.own, silences: [] });
}

async function adviseEach(
  units: readonly string[],
  state: State,
  past: Parameters<typeof adviceFor>[0]['past'],
  { shell, bus: { address } }: Asked,
): Promise<readonly Advice[]> {
  const bus = await connectBus(address).catch((error: unknown) => {
    throw systemdUnreachable(error, address);
  });
  try {
    const manager = new Manager(bus);
    const systemdVersion = majorVersion(await manager.version()) ?? 0;
    const advices: Advice[] = [];
    for (const unit of units)
      advices.push(await adviceFor({ unit, manager, systemdVersion, state, now: shell.clock.now(), past }));
    return advices;
  } catch (error) {
    throw systemdUnreachable(error, address);
  } finally {
    await bus.close();
  }
}

/** The drop-in and nothing else: it is to be piped. What a person should know first goes to standard error. */
function print(advice: Advice | undefined, { manager }: Config, shell: Shell): ExitCode {
  if (advice === undefined) return 1;
  const { none, notes } = advice;
  const override = overrideOf(advice, manager === 'user');
  for (const sentence of [...(none === undefined ? [] : [none]), ...notes, ...override])
    shell.stderr.write(`flapd: ${sentence}\n`);
  if (none !== undefined) return 1;
  shell.stdout.write(adviceDropIn(advice));
  return 0;
}

function wrongPrint(json: boolean): AppError {
  const found = json ? '--json prints something else' : 'a drop-in is for one service';
  return new AppError(
    `Cannot print a drop-in: ${found}; expected one service, such as "flapd advise logstash --print"`,
    { exitCode: 2, hint: 'flapd advise --help' },
  );
}
