/** Longer words are no misspelling of a key. */
const maxWordLength = 40;

/** The known key that a person most likely meant, or undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  // `within:2min`, the space forgotten, is one key for YAML
  const typed = plain(/^[^:\s]*/.exec(word)?.[0] ?? '');
  if (typed === '' || typed.length > maxWordLength) return undefined;
  const ranked = known
    .map((key) => ({
      key,
      distance: distanceBetween(typed, plain(key)),
      isStart: isStartOf(typed, plain(key)),
    }))
    .filter(({ key, distance, isStart }) => isStart || distance <= allowedDistance(typed, key))
    .toSorted((a, b) => a.distance - b.distance);
  return ranked[0]?.key;
}

/** `calmAfter`, `Calm-After` and `calm_after` are one. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}

function isStartOf(typed: string, key: string): boolean {
  return typed.length >= 3 && key.startsWith(typed);
}

function allowedDistance(typed: string, key: string): number {
  return Math.max(1, Math.floor(Math.max(typed.length, key.length) / 3));
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distanceBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          replaced,
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          swapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
