import { afterAll, beforeAll } from 'vitest';

/** The tests of this file read times in this zone, whatever the machine's is. */
export function inZone(name: string): void {
  const before = process.env['TZ'];
  beforeAll(() => {
    process.env['TZ'] = name;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
}
