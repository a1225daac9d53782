/** "3,812", as people read it. Not by Intl, whose tables take 40 ms and 7 MB when they are first asked for. */
export function countText(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** "3,812 deaths", "1 death" */
export function countWords(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}
