const units = ['B', 'K', 'M', 'G', 'T', 'P'];

/** "64M", "1.5G": powers of 1024, as systemd reads and writes them (FORMAT_BYTES). */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(1))}${units[unit]}`;
}
