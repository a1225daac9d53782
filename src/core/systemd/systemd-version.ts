/** 252 of "252.38-1~deb12u1", 256 of "v256-rc4"; undefined where the text begins with no number. */
export function majorVersion(version: string): number | undefined {
  const digits = /^v?(\d{1,6})/.exec(version)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
