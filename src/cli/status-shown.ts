import type { UnitView } from '../core/view.ts';
import type { Typed } from './args.ts';
import type { View } from './lookout.ts';
import { wantsColor, type Shell } from './shell.ts';
import { renderStatus } from './status-table.ts';

/** Named units whatever their verdict; else those that loop or are about to, or with --all those with a past. */
export function chosen({ picture, named }: View, { flags }: Typed): readonly UnitView[] {
  if (named !== undefined) return named;
  return flags['all'] === true ? picture.units : picture.units.filter(({ verdict }) => verdict !== 'calm');
}

export function pictureText(view: View, typed: Typed, shell: Shell): string {
  const { stdout } = shell;
  return renderStatus({
    picture: view.picture,
    shown: chosen(view, typed),
    all: typed.flags['all'] === true || view.named !== undefined,
    color: wantsColor(shell),
    // A terminal that does not know its width says 0.
    columns: (stdout.isTTY && stdout.columns) || undefined,
    nowMs: shell.clock.now().wallMs,
  });
}
