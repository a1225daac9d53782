import { accessFault } from '../evidence/access.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion, PathFound } from '../evidence/inquiry.ts';
import { coveringSetting } from './sandbox-cover.ts';
import { accessAsk } from './path-ask.ts';
import type { Matcher } from './suspicion.ts';
import { saidBySystemd } from './telling-lines.ts';

const execFormat = 8;

/** Only a record of systemd's own proves that it was systemd who ended with 203: any program may return that. */
const said = /Failed to (?:locate|execute)|Unable to locate executable|Failed at step EXEC/;

export const badExecutable: Matcher = {
  id: 'bad-executable',
  looksFor: 'systemd could not run the program (203/EXEC)',
  match(evidence) {
    const { exit, spawn } = evidence;
    if (exit?.code !== 'exited' || exit.status !== 203) return undefined;
    const executable = spawn?.executable ?? commandOf(evidence);
    const proof = spawn === undefined ? saidBySystemd(evidence, said).slice(-2) : [spawn.text];
    if (executable === undefined) {
      return { sentence: 'systemd could not run its program.', proof, state: 'likely' };
    }
    return {
      sentence: `systemd could not run ${executable}.`,
      proof,
      state: 'likely',
      inquiry: {
        kind: 'path',
        ask: accessAsk(evidence, executable),
        conclude: (found) => conclude(evidence, executable, found),
      },
    };
  },
};

function commandOf({ exit, service }: Evidence): string | undefined {
  const setting = exit?.process === undefined || exit.process === 'main' ? 'ExecStart' : exit.process;
  return service?.commands.find((command) => command.setting === setting)?.argv[0];
}

function conclude(evidence: Evidence, path: string, found: PathFound): Conclusion | undefined {
  const { service, spawn } = evidence;
  const cannot = `systemd could not run ${path}`;
  if (service !== undefined && service.root !== '') {
    return { state: 'could-not-check', sentence: `${cannot} below its root ${service.root}.`, seen: [] };
  }
  if (found.missing !== undefined) {
    const part = found.missing === path ? 'it does not exist' : `${found.missing} does not exist`;
    return {
      state: 'confirmed',
      sentence: `${cannot}: ${part}.`,
      seen: [`seen now: ${found.missing} does not exist`],
    };
  }
  const cover = coveringSetting(service?.sandbox, path);
  if (cover !== undefined)
    return { state: 'confirmed', sentence: `${cannot}: ${cover} hides it from the service.`, seen: [] };
  // Noexec-mount says that better.
  if (found.mount?.options.includes('noexec') === true && spawn?.errno === 13) return undefined;
  const step = found.steps.at(-1);
  if (step?.type === 'directory')
    return {
      state: 'confirmed',
      sentence: `${cannot}: it is a directory.`,
      seen: [`seen now: ${path} is a directory`],
    };
  const { interpreter } = found;
  if (interpreter !== undefined && !interpreter.exists) {
    const sentence = `${cannot}: its first line wants ${interpreter.path}, which does not exist.`;
    return { state: 'confirmed', sentence, seen: [`seen now: ${interpreter.path} does not exist`] };
  }
  return concludeByModes(evidence, path, found) ?? doubt(cannot, evidence, path);
}

function concludeByModes({ service }: Evidence, path: string, found: PathFound): Conclusion | undefined {
  const { account, steps, missing } = found;
  if (account === undefined) return undefined;
  const isOverriding = account.uid === 0 && service?.rootReadsAll !== false;
  const fault = accessFault({ steps, missing, path: found.path, access: 'execute', account, isOverriding });
  if (fault === undefined || fault.step.hasAcl) return undefined;
  const why =
    fault.step.path === found.path
      ? 'it is not executable'
      : `${account.name} may not enter ${fault.step.path}`;
  const who = fault.step.path === found.path && (fault.step.mode & 0o111) !== 0 ? ` for ${account.name}` : '';
  return {
    state: 'confirmed',
    sentence: `systemd could not run ${path}: ${why}${who}.`,
    seen: [`seen now: ${fault.words}`],
  };
}

function doubt(cannot: string, { spawn }: Evidence, path: string): Conclusion {
  if (spawn?.errno === execFormat) {
    const sentence = `${cannot}: it is no program of this machine, or a script without a "#!" in its first line.`;
    return { state: 'likely', sentence, seen: [`seen now: ${path} exists and is executable`] };
  }
  return {
    state: 'likely',
    sentence: `${cannot}, though it exists and is executable now.`,
    seen: [`seen now: ${path} exists and is executable`],
  };
}
