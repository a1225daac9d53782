/** A server that asks for more is asked again all the same: what it was to be told may end meanwhile. */
const mostMs = 5 * 60_000;

/** RFC 9110, 10.2.3: seconds, or a date. Undefined where the header says nothing. */
export function retryAfterMs(header: string | undefined, nowWallMs: number): number | undefined {
  if (header === undefined) return undefined;
  const waitMs = /^\d+$/u.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowWallMs;
  return Number.isNaN(waitMs) ? undefined : Math.min(mostMs, Math.max(0, waitMs));
}
