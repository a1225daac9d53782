import { pause } from '../kit/backoff.ts';
import { AppError } from '../kit/errors.ts';
import { unlessAborted } from '../kit/unless-aborted.ts';
import type { Typed } from './args.ts';
import { LiveText } from './live-text.ts';
import type { Lookout, View } from './lookout.ts';
import type { Shell } from './shell.ts';
import { chosen, pictureText } from './status-shown.ts';

const everyMs = 1000;

export interface Watching {
  readonly typed: Typed;
  readonly shell: Shell;
  readonly stop: AbortController;
}

type Draw = (view: View) => void;

/** Shows what the lookout sees until it is interrupted; answers the last of it. */
export async function watch(lookout: Lookout, { typed, shell, stop }: Watching): Promise<View | undefined> {
  const { signal } = stop;
  for (const name of ['SIGINT', 'SIGTERM'] as const) shell.onSignal(name, () => stop.abort());
  const draw = drawing(typed, shell);
  let last: View | undefined;
  while (!signal.aborted) {
    const view = await unlessAborted(lookOr(lookout, last), signal);
    if (view === undefined) break;
    last = view;
    draw(view);
    await pause(everyMs, signal);
  }
  return last;
}

/** A systemd or a bus that is away for a moment is no reason to stop watching, but the first look must succeed. */
async function lookOr(lookout: Lookout, last: View | undefined): Promise<View> {
  try {
    return await lookout.look();
  } catch (error) {
    if (last === undefined || !(error instanceof AppError)) throw error;
    return {
      ...last,
      picture: { ...last.picture, warning: `${error.message}. This is the last that was seen.` },
    };
  }
}

function drawing(typed: Typed, shell: Shell): Draw {
  const json = typed.flags['json'] === true;
  const terminal = shell.stdout.isTTY && shell.env['TERM'] !== 'dumb';
  if (terminal && !json) {
    const live = new LiveText(shell.stdout);
    shell.onSignal('SIGCONT', () => live.forget());
    return (view) => live.show(pictureText(view, typed, shell));
  }
  return onChange(typed, (view) => {
    const clock = new Date(shell.clock.now().wallMs).toTimeString().slice(0, 8);
    const text = `${clock}\n${pictureText(view, typed, shell)}\n`;
    shell.stdout.write(json ? `${JSON.stringify(chosen(view, typed))}\n` : text);
  });
}

/** Draws where something has happened: that time passes is nothing new in a log file or to a program. */
function onChange(typed: Typed, draw: Draw): Draw {
  let before = '';
  return (view) => {
    const units = chosen(view, typed).map((unit) => ({ ...unit, timeline: [], window: [] }));
    const { incidents, warning, instead } = view.picture;
    const now = JSON.stringify([units, incidents, warning, instead]);
    if (now !== before) draw(view);
    before = now;
  };
}
