const bars = '▁▂▃▄▅▆▇█';

/** One character a number, the highest the full block, none a dot: so that quiet is seen as quiet. */
export function sparkline(numbers: readonly number[]): string {
  const highest = Math.max(...numbers, 1);
  return numbers
    .map((each) => (each === 0 ? '·' : bars[Math.ceil((each / highest) * bars.length) - 1]))
    .join('');
}
