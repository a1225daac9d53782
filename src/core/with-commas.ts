/** A whole number as people read it, "86,400". `toLocaleString` makes 7 MB of ICU resident. */
export function withCommas(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
