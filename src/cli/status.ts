import type { ExitCode } from '../kit/errors.ts';
import type { UnitView } from '../core/view.ts';
import type { Typed } from './args.ts';
import { Lookout, type View } from './lookout.ts';
import { busOf, configOf } from './options.ts';
import type { Shell } from './shell.ts';
import { chosen, pictureText } from './status-shown.ts';
import { serviceNameOf } from './unit-operands.ts';
import { readableSilences } from './silence-folder.ts';
import { watch } from './watch.ts';

/** `flapd status`: exits 1 where a unit that is shown loops or was given up. */
export async function showStatus(typed: Typed, shell: Shell): Promise<ExitCode> {
  const names = typed.operands.map(serviceNameOf);
  const config = await configOf(typed);
  const stop = new AbortController();
  const lookout = new Lookout({
    config,
    bus: busOf(typed, config, shell),
    names,
    silences: () => readableSilences(config.manager, shell),
    clock: shell.clock,
    uid: shell.uid,
    signal: stop.signal,
    // In JSON there are the units alone.
    advises: typed.flags['json'] !== true,
  });
  try {
    const last =
      typed.flags['watch'] === true
        ? await watch(lookout, { typed, shell, stop })
        : await showOnce(await lookout.look(), typed, shell);
    return last !== undefined && isLooping(chosen(last, typed)) ? 1 : 0;
  } finally {
    await lookout.close();
  }
}

async function showOnce(view: View, typed: Typed, shell: Shell): Promise<View> {
  const { warning } = view.picture;
  if (typed.flags['json'] !== true) {
    shell.stdout.write(pictureText(view, typed, shell));
    return view;
  }
  // JSON has the units alone; what makes them less than the truth is for the person who reads along.
  if (warning !== undefined) shell.stderr.write(`flapd: ${warning}\n`);
  shell.stdout.write(`${JSON.stringify(chosen(view, typed), undefined, 2)}\n`);
  return view;
}

function isLooping(units: readonly UnitView[]): boolean {
  return units.some(({ verdict }) => verdict === 'looping' || verdict === 'braked');
}
