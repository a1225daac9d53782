import { AppError } from '../kit/errors.ts';
import type { Typed } from './args.ts';
import type { Shell } from './shell.ts';
import { shellWord } from './silence-folder.ts';

/** What changes files of systemd's is for root. Throws an AppError that says how to become it. */
export function requireRoot({ verb, flags, operands }: Typed, { uid }: Shell): void {
  if (uid === 0) return;
  const options = Object.entries(flags).flatMap(([name, value]) =>
    typeof value === 'string' ? [`--${name}`, shellWord(value)] : value === true ? [`--${name}`] : [],
  );
  const words = ['sudo flapd', verb.name, ...operands.map((each) => shellWord(each)), ...options];
  throw new AppError(
    `Cannot ${verb.name}: this is user ${uid}, and files of systemd's are root's; expected root`,
    {
      exitCode: 2,
      hint: words.join(' '),
    },
  );
}
