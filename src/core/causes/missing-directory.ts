import { accessFault } from '../evidence/access.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Conclusion, PathFound } from '../evidence/inquiry.ts';
import { coveringSetting } from './sandbox-cover.ts';
import { accessAsk } from './path-ask.ts';
import type { Matcher } from './suspicion.ts';
import { saidBySystemd } from './telling-lines.ts';

const said = /Changing to the requested working directory failed|Failed at step CHDIR/;

export const missingDirectory: Matcher = {
  id: 'missing-directory',
  looksFor: 'systemd could not go to the working directory of the unit (200/CHDIR)',
  match(evidence) {
    const { exit, spawn, service } = evidence;
    if (exit?.code !== 'exited' || exit.status !== 200) return undefined;
    const lines = saidBySystemd(evidence, said).slice(-1);
    const proof = spawn === undefined ? lines : [...lines, spawn.text].slice(0, 2);
    const directory = service?.workingDirectory ?? '';
    if (directory === '' || directory === '~')
      return { sentence: 'systemd could not go to its working directory.', proof, state: 'likely' };
    return {
      sentence: `systemd could not go to its working directory ${directory}.`,
      proof,
      state: 'likely',
      inquiry: {
        kind: 'path',
        ask: accessAsk(evidence, directory),
        conclude: (found) => conclude(evidence, directory, found),
      },
    };
  },
};

function conclude({ service }: Evidence, directory: string, found: PathFound): Conclusion {
  const what = `The working directory ${directory}`;
  if (service !== undefined && service.root !== '')
    return {
      state: 'could-not-check',
      sentence: `${what} can't be entered below the root ${service.root}.`,
      seen: [],
    };
  if (found.missing !== undefined) {
    const part = found.missing === directory ? '' : `: already ${found.missing} is missing`;
    return {
      state: 'confirmed',
      sentence: `${what} does not exist${part}.`,
      seen: [`seen now: ${found.missing} does not exist`],
    };
  }
  const cover = coveringSetting(service?.sandbox, directory);
  if (cover !== undefined)
    return { state: 'confirmed', sentence: `${what} is hidden from the service by ${cover}.`, seen: [] };
  if (found.steps.at(-1)?.type !== 'directory')
    return {
      state: 'confirmed',
      sentence: `${what} is not a directory.`,
      seen: [`seen now: ${directory} is a file`],
    };
  const { account, steps, missing } = found;
  const isOverriding = account?.uid === 0 && service?.rootReadsAll !== false;
  // Entering it is what `execute` means for a directory.
  const fault =
    account && accessFault({ steps, missing, path: found.path, access: 'execute', account, isOverriding });
  if (fault !== undefined && !fault.step.hasAcl)
    return {
      state: 'confirmed',
      sentence: `${what} may not be entered by ${account?.name}.`,
      seen: [`seen now: ${fault.words}`],
    };
  return {
    state: 'likely',
    sentence: `systemd could not go to ${directory}, which exists now.`,
    seen: [`seen now: ${directory} exists`],
  };
}
