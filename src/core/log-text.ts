/** Terminal sequences (ECMA-48): colours and cursor movements, and those that set a title or a link. */
const esc = '\u001b';
const bell = '\u0007';
const sequences = new RegExp(
  `${esc}\\[[0-?]*[ -/]*[@-~]|${esc}\\][^${bell}${esc}]{0,500}(?:${bell}|${esc}\\\\)?|${esc}[ -/]*[0-~]`,
  'g',
);

/**
 * A foreign text as one line that can do nothing but be read: colours are left out, all else that moves, hides or
 * reorders becomes a visible escape, and what is longer than `mostChars` is cut with an ellipsis.
 */
export function plainText(raw: string, mostChars: number): string {
  // Cut first: ten megabytes are not to be looked through for the first line of them.
  const near = raw.slice(0, mostChars * 8).replace(sequences, '');
  const plain = near
    .replaceAll('\t', ' ')
    .trimEnd()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escapeOf);
  const whole = plain.length <= mostChars && raw.length <= mostChars * 8;
  return whole ? plain : `${plain.slice(0, mostChars - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}

function escapeOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}
