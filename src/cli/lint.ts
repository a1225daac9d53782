import { severities, type Finding, type Severity } from '../core/lint/finding.ts';
import { joinByPlace } from '../core/lint/join-by-place.ts';
import { lint } from '../core/lint/lint.ts';
import { unitPasts, type UnitPast } from '../core/lint/unit-past.ts';
import { expandUnitName, isServiceName } from '../core/unit-name.ts';
import type { Config } from '../config/load.ts';
import { printable } from '../config/problem.ts';
import { AppError, type ExitCode } from '../kit/errors.ts';
import { replay } from '../replay.ts';
import { connectBus } from '../systemd/bus.ts';
import { JournalUnreadable } from '../systemd/journal.ts';
import { Manager } from '../systemd/manager.ts';
import { requireSystemd } from '../systemd/require-systemd.ts';
import { verifyUnitFiles } from '../systemd/unit-verify.ts';
import { systemdUnreachable } from '../systemd/unreachable.ts';
import type { Typed } from './args.ts';
import { readInstalled, type Installed } from './lint-subjects.ts';
import { renderFindings } from './lint-text.ts';
import { busOf, configOf, textFlag } from './options.ts';
import { Progress } from './progress.ts';
import { readingSince, sinceOf } from './replay.ts';
import { wantsColor, type Shell } from './shell.ts';

/** Of each unit the statuses that it ended with are wanted, not all of its runs. */
const mostRuns = 20_000;

/** `flapd lint`: brakes that can't work, of every installed service. Exits 1 where it finds one. */
export async function showLint(typed: Typed, shell: Shell): Promise<ExitCode> {
  const least = severityOf(textFlag(typed.flags['severity']));
  const names = typed.operands.map(serviceOrTemplate);
  const sinceMs = sinceOf(textFlag(typed.flags['since']), 'lint');
  const config = await configOf(typed);
  const { address, own } = busOf(typed, config, shell);
  const installed = await read(address, names, shell);
  const files = installed.units.flatMap(({ fragment }) => fragment ?? []);
  for (const { file, found } of installed.units.flatMap(({ unread }) => unread))
    tell(shell, `Cannot read "${file}": ${found}; what it says is not known`);
  const { systemdVersion } = installed;
  const verified = await verifyUnitFiles([...new Set(files)], {
    user: config.manager === 'user',
    systemdVersion,
  });
  if (!verified.ok) tell(shell, `Cannot ask systemd which lines it ignores: ${verified.found}`);
  const pasts = own ? await readPasts(config, sinceMs, shell) : new Map<string, UnitPast>();
  const subjects = installed.subjects(verified.ok ? verified.complaints : [], pasts);
  const shown = severities.slice(0, severities.indexOf(least) + 1);
  const findings = joinByPlace(subjects.flatMap(lint)).filter(({ severity }) => shown.includes(severity));
  shell.stdout.write(
    typed.flags['json'] === true
      ? jsonOf(findings)
      : renderFindings(findings, subjects.length, wantsColor(shell)),
  );
  return findings.length > 0 ? 1 : 0;
}

async function read(address: string, names: readonly string[], shell: Shell): Promise<Installed> {
  const bus = await connectBus(address).catch((error: unknown) => {
    throw systemdUnreachable(error, address);
  });
  const progress = new Progress(shell, 'Reading unit files', { noun: 'services', stepsPerLook: 1 });
  try {
    const manager = new Manager(bus);
    await requireSystemd(manager);
    return await readInstalled(manager, names, {
      nowMs: shell.clock.now().monotonicMs,
      onUnit: () => progress.step(),
    });
  } catch (error) {
    throw systemdUnreachable(error, address);
  } finally {
    progress.done();
    await bus.close();
  }
}

/** What the services did counts where it is known; the files speak for themselves. */
async function readPasts(
  config: Config,
  sinceMs: number,
  shell: Shell,
): Promise<ReadonlyMap<string, UnitPast>> {
  const { query, progress } = readingSince(sinceMs, config, shell);
  try {
    const { managers } = await replay({ policies: config.policies, query, mostRuns, wants: () => true });
    const [manager] = managers;
    return manager === undefined ? new Map() : unitPasts(manager.chronicle.runs, manager.incidents);
  } catch (error) {
    if (!(error instanceof JournalUnreadable)) throw error;
    tell(shell, `Cannot read the journal: ${error.message}; what services did is not known`);
    return new Map();
  } finally {
    progress.done();
  }
}

/** A template can be linted too, though nothing of it runs. */
function serviceOrTemplate(text: string): string {
  const name = expandUnitName(text);
  if (name !== undefined && isServiceName(name)) return name;
  const found = name === undefined ? 'it is not a unit name' : 'it is not a service';
  throw usage(`Cannot lint "${text}": ${found}; expected a service such as "logstash.service"`);
}

function severityOf(text: string | undefined): Severity {
  if (text === undefined) return 'info';
  const known = severities.find((each) => each === text);
  if (known !== undefined) return known;
  throw usage(
    `Cannot show findings of severity "${text}": there is none; expected one of ${severities.join(', ')}`,
  );
}

function jsonOf(findings: readonly Finding[]): string {
  return `${JSON.stringify(findings, undefined, 2)}\n`;
}

function tell(shell: Shell, sentence: string): void {
  shell.stderr.write(`flapd: ${printable(sentence).replace(/\.$/, '')}.\n`);
}

function usage(message: string): AppError {
  return new AppError(message, { exitCode: 2, hint: 'flapd lint --help' });
}
