const max = 2 ** 32 - 1;

/** A number as systemd reads it (parse-util.c `safe_atou`): decimal, `0x1f`, `0b11`, `0o17`, or octal after a zero. */
export function unsignedOf(text: string): number | undefined {
  const [, digits] = /^\+?([0-9a-zA-Z]+)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const octal = /^0[0-7]+$/.test(digits);
  if (!octal && !/^(0|[1-9]\d*|0x[0-9a-f]+|0b[01]+|0o[0-7]+)$/i.test(digits)) return undefined;
  const value = octal ? Number.parseInt(digits, 8) : Number(digits);
  return value <= max ? value : undefined;
}
