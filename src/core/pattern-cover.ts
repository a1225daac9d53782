import { readSet, typedPattern, type CharacterSet } from './unit-pattern.ts';

/** One sign of a glob: any run of characters, or one character out of these, a bit for each code. */
type Piece = 'run' | bigint;

/** Unit names are ASCII. */
const codes = 128;
const any = (1n << BigInt(codes)) - 1n;

/**
 * Whether `wide` fits every name that `narrow` fits. Where it says so it is so; there are covers that it does not see
 * (`[ab]` by `a` and `b` together). Takes time for each pair of their signs.
 */
export function covers(wide: string, narrow: string): boolean {
  const a = piecesOf(typedPattern(wide));
  const b = piecesOf(typedPattern(narrow));
  // One row for each tail of `a`, from its end: whether that tail covers each tail of `b`.
  let below: readonly boolean[] = [...b.map(() => false), true];
  for (const piece of a.toReversed()) {
    const row = Array.from({ length: b.length + 1 }, () => false);
    for (let at = b.length; at >= 0; at -= 1) {
      const other = b[at];
      row[at] =
        piece === 'run'
          ? below[at] === true || row[at + 1] === true
          : below[at + 1] === true && other !== undefined && other !== 'run' && (other & ~piece) === 0n;
    }
    below = row;
  }
  return below[0] === true;
}

/** `*?*` is `?*`: of a run of stars and question marks only the number of the latter counts. */
function piecesOf(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length;) {
    const character = pattern.charAt(at);
    const set = character === '[' ? readSet(pattern, at) : undefined;
    if (character === '*') {
      if (pieces.at(-1) !== 'run') pieces.push('run');
    } else if (character === '?' && pieces.at(-1) === 'run') {
      pieces.splice(-1, 1, any, 'run');
    } else {
      pieces.push(character === '?' ? any : set ? bitsOf(set) : only(pattern.charCodeAt(at)));
    }
    at = set?.end ?? at + 1;
  }
  return pieces;
}

function only(code: number): bigint {
  return 1n << BigInt(code);
}

function bitsOf({ ranges, negated }: CharacterSet): bigint {
  let bits = 0n;
  for (const [from, to] of ranges) {
    for (let code = from; code <= Math.min(to, codes - 1); code += 1) bits |= only(code);
  }
  return negated ? any & ~bits : bits;
}
