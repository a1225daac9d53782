/**
 * Names of dict entries that are wanted, found in a message by their bytes: of a unit's hundred properties flapd needs
 * fifteen, and to make a string of each other name takes longer than all the rest of reading.
 */
export class KeySet {
  /** By length, because that alone tells most names apart. */
  readonly #byLength: (readonly Key[] | undefined)[] = [];

  constructor(names: readonly string[]) {
    for (const name of names) {
      const bytes = Buffer.from(name);
      this.#byLength[bytes.length] = [...(this.#byLength[bytes.length] ?? []), { name, bytes }];
    }
  }

  /** The wanted name that stands in `data` from `at` on, `byteLength` bytes long; undefined where none does. */
  nameAt(data: Uint8Array, at: number, byteLength: number): string | undefined {
    const keys = this.#byLength[byteLength];
    if (keys === undefined) return undefined;
    // By index, as all that is done for each value of a message: an iterator and its results are garbage (bus-values.ts).
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index];
      if (key !== undefined && standsAt(data, at, key.bytes)) return key.name;
    }
    return undefined;
  }
}

interface Key {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** From the last byte on: systemd's names differ there sooner than where they begin. */
function standsAt(data: Uint8Array, at: number, bytes: Uint8Array): boolean {
  for (let index = bytes.length - 1; index >= 0; index -= 1) {
    if (data[at + index] !== bytes[index]) return false;
  }
  return true;
}
