/** systemd time spans, read and written as time-util.c does (`parse_sec`, `format_timespan`); see systemd.time(7). */

export type TimeSpanResult =
  | { readonly ok: true; readonly ms: number }
  /** `found` says what is wrong with the text: `unknown unit "fortnights"`. */
  | { readonly ok: false; readonly found: string };

const secondUsec = 1_000_000;
const minuteUsec = 60 * secondUsec;
const hourUsec = 60 * minuteUsec;
const dayUsec = 24 * hourUsec;
const weekUsec = 7 * dayUsec;
/** 30.4375 days, a twelfth of a year of 365.25 days. */
const monthUsec = 2_629_800 * secondUsec;
const yearUsec = 12 * monthUsec;

/** From large to small: the order in which spans are written. */
const writtenUnits: readonly (readonly [suffix: string, usec: number])[] = [
  ['y', yearUsec],
  ['month', monthUsec],
  ['w', weekUsec],
  ['d', dayUsec],
  ['h', hourUsec],
  ['min', minuteUsec],
  ['s', secondUsec],
  ['ms', 1000],
  ['us', 1],
];

const readUnits: ReadonlyMap<string, bigint> = new Map(
  (
    [
      ['years year y', yearUsec],
      ['months month M', monthUsec],
      ['weeks week w', weekUsec],
      ['days day d', dayUsec],
      ['hours hour hr h', hourUsec],
      ['minutes minute min m', minuteUsec],
      ['seconds second sec s', secondUsec],
      ['msec ms', 1000],
      ['usec us \u00b5s \u03bcs', 1],
    ] as const
  ).flatMap(([names, usec]) => names.split(' ').map((name) => [name, BigInt(usec)] as const)),
);

/** Number, fraction, then a unit and the whitespace before it. The longest unit name wins. */
const readPart = new RegExp(
  `[ \\t\\n\\r]*(\\+?\\d+)?(?:(\\.)(\\d*))?([ \\t\\n\\r]*)(${[...readUnits.keys()].sort((a, b) => b.length - a.length).join('|')})?`,
  'y',
);

/** systemd reads any length; nobody writes more than this, and the sum's cost grows with it. */
const maxTextLength = 256;
const infinityUsec = 2n ** 64n - 1n;
const maxNumber = 2n ** 63n - 1n;

/** A bare number is seconds, `infinity` is Infinity. */
export function parseTimeSpan(text: string): TimeSpanResult {
  if (text.length > maxTextLength) return { ok: false, found: `longer than ${maxTextLength} characters` };
  const trimmed = text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
  if (trimmed === 'infinity') return { ok: true, ms: Infinity };
  if (trimmed === '') return { ok: false, found: 'no time span' };
  let usec = 0n;
  for (let at = 0; at < trimmed.length;) {
    const part = readOnePart(trimmed, at);
    if (typeof part === 'string') return { ok: false, found: part };
    usec += part.usec;
    if (usec >= infinityUsec) return { ok: false, found: 'more than systemd can hold' };
    at = part.end;
  }
  return { ok: true, ms: Number(usec) / 1000 };
}

function readOnePart(text: string, at: number): { usec: bigint; end: number } | string {
  readPart.lastIndex = at;
  const [whole, integer, dot, fraction = '', gap = '', unit] = readPart.exec(text) ?? [''];
  const rest = text.slice(at).trimStart();
  if (rest.startsWith('-')) return 'a negative time span';
  if (integer === undefined && dot === undefined)
    return at === 0 ? `no number at "${rest}"` : unknownUnit(rest);
  if (dot !== undefined && fraction === '') return `no digit after the point at "${rest}"`;
  const end = at + whole.length;
  if (unit === undefined && gap === '' && end < text.length) return unknownUnit(text.slice(end));
  const unitUsec = unit === undefined ? BigInt(secondUsec) : (readUnits.get(unit) ?? 0n);
  const number = BigInt(integer ?? '0');
  if (number > maxNumber) return 'more than systemd can hold';
  let usec = number * unitUsec;
  let digitUsec = unitUsec / 10n;
  for (const digit of fraction) {
    usec += BigInt(digit) * digitUsec;
    digitUsec /= 10n;
  }
  return { usec, end };
}

function unknownUnit(rest: string): string {
  const word = /^[^\s\d.+-]+/.exec(rest)?.[0];
  return word === undefined ? `no number at "${rest}"` : `unknown unit "${word}"`;
}

/**
 * systemd's notation, `2min 5s`: to the microsecond exactly what `systemd-analyze timespan` writes. A coarser
 * `accuracyMs` (a power of ten, or whole seconds and up) cuts off, as format_timespan does; it never rounds up.
 */
export function formatTimeSpan(ms: number, accuracyMs = 0.001): string {
  if (ms === Infinity) return 'infinity';
  const accuracyUsec = Math.round(accuracyMs * 1000);
  const parts: string[] = [];
  let usec = Math.round(ms * 1000);
  for (const [suffix, unitUsec] of writtenUnits) {
    if (!(usec > 0) || (usec < accuracyUsec && parts.length > 0)) break;
    if (usec < unitUsec) continue;
    const count = Math.floor(usec / unitUsec);
    usec %= unitUsec;
    const digits = decimalDigits(unitUsec) - decimalDigits(accuracyUsec);
    if (count * unitUsec + usec < minuteUsec && usec > 0 && digits > 0) {
      const fraction = Math.floor(usec / 10 ** decimalDigits(accuracyUsec));
      parts.push(`${count}.${String(fraction).padStart(digits, '0')}${suffix}`);
      break;
    }
    parts.push(`${count}${suffix}`);
  }
  return parts.length === 0 ? '0' : parts.join(' ');
}

/** How often the number can be divided by ten until at most 1 is left. */
function decimalDigits(usec: number): number {
  let digits = 0;
  for (let left = usec; left > 1; left = Math.floor(left / 10)) digits += 1;
  return digits;
}

/**
 * For people, rounded: below a second whole units (`150ms`), below a minute one decimal (`8.1s`), above it two
 * neighbouring units (`1h 5min`, `2d 3h`), the second left out where it is none.
 */
export function displayTimeSpan(ms: number): string {
  if (ms === Infinity) return 'infinity';
  const largest = writtenUnits.findIndex(([, unitUsec]) => ms * 1000 >= unitUsec);
  const [, unitUsec = 1] = writtenUnits[largest] ?? [];
  const finerUsec =
    unitUsec === secondUsec ? 100_000 : unitUsec <= 1000 ? unitUsec : (writtenUnits[largest + 1]?.[1] ?? 1);
  const count = Math.floor((ms * 1000) / unitUsec);
  const roundedUsec = count * unitUsec + Math.round((ms * 1000 - count * unitUsec) / finerUsec) * finerUsec;
  return formatTimeSpan(roundedUsec / 1000, finerUsec / 1000);
}
