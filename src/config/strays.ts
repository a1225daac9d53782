import type { GenericSchema } from 'valibot';
import { isRecord } from '../kit/record.ts';
import type { YamlPath } from './yaml-source.ts';

/** What a value holds against its schema and valibot does not say. */
export type Stray =
  | {
      readonly kind: 'unknown-key';
      readonly path: YamlPath;
      readonly key: string;
      readonly known: readonly string[];
    }
  /** A name that valibot's `record` passes over in silence. */
  | { readonly kind: 'reserved-key'; readonly path: YamlPath; readonly key: string }
  | {
      readonly kind: 'list-for-mapping';
      readonly path: YamlPath;
      readonly value: unknown;
      readonly message: string;
    };

/** The parts of a valibot schema that lead further in. */
interface SchemaShape {
  readonly entries?: Readonly<Record<string, GenericSchema>>;
  readonly item?: GenericSchema;
  readonly wrapped?: GenericSchema;
  /** Of a union or variant. */
  readonly options?: readonly GenericSchema[];
  /** Of a record the schema of its keys, of a variant the one that tells its members apart. */
  readonly key?: unknown;
  /** Of a record. */
  readonly value?: GenericSchema;
  readonly literal?: unknown;
  readonly message?: unknown;
}

type Mapping = Readonly<Record<string, unknown>>;

const reserved: readonly string[] = ['__proto__', 'prototype', 'constructor'];

/**
 * Every key that the schema does not know (valibot 1.5 `strictObject` stops at the first of each mapping), and every
 * list that stands for a mapping (it takes one for a mapping with the keys 0, 1, …).
 */
export function findStrays(schema: GenericSchema, value: unknown, path: YamlPath = []): Stray[] {
  const { entries, item, wrapped, options, key, value: inner, message } = shapeOf(schema);
  if (wrapped) return findStrays(wrapped, value, path);
  if (typeof value !== 'object' || value === null) return [];
  if (options && typeof key !== 'string') {
    const member = memberFor(options, Array.isArray(value));
    return member ? findStrays(member, value, path) : [];
  }
  if (item && Array.isArray(value)) {
    return value.flatMap((element, index) => findStrays(item, element, [...path, index]));
  }
  if (!entries && !inner && !options) return [];
  if (!isRecord(value)) return [{ kind: 'list-for-mapping', path, value, message: textOf(message) }];
  if (options) return strayKeys(variantEntries(options, String(key), value), value, path);
  if (entries) return strayKeys(entries, value, path);
  return Object.entries(value).flatMap(([name, element]): Stray[] => {
    const here = [...path, name];
    if (reserved.includes(name)) return [{ kind: 'reserved-key', path: here, key: name }];
    return inner ? findStrays(inner, element, here) : [];
  });
}

function strayKeys(
  entries: Readonly<Record<string, GenericSchema>>,
  value: Mapping,
  path: YamlPath,
): Stray[] {
  const known = Object.keys(entries);
  return Object.entries(value).flatMap(([key, inner]): Stray[] => {
    const entry = Object.hasOwn(entries, key) ? entries[key] : undefined;
    const here = [...path, key];
    return entry ? findStrays(entry, inner, here) : [{ kind: 'unknown-key', path: here, key, known }];
  });
}

/** The member of a union that a list or mapping is meant for; a mapping's, where there is none for lists. */
function memberFor(options: readonly GenericSchema[], isList: boolean): GenericSchema | undefined {
  const forLists = isList ? options.find((option) => shapeOf(option).item) : undefined;
  return forLists ?? options.find((option) => shapeOf(option).entries);
}

/** The keys of the member that the value names, or where it names none, those of all members. */
function variantEntries(
  options: readonly GenericSchema[],
  key: string,
  value: Mapping,
): Readonly<Record<string, GenericSchema>> {
  const all = options.map((option) => shapeOf(option).entries ?? {});
  const named = all.find((entries) => entries[key] && shapeOf(entries[key]).literal === value[key]);
  return named ?? Object.fromEntries(all.flatMap((entries) => Object.entries(entries)));
}

function shapeOf(schema: GenericSchema): SchemaShape {
  return schema as GenericSchema & SchemaShape;
}

/** A message may depend on where its issue stands; a stray stands at the schema's own place. */
function textOf(message: unknown): string {
  return String(typeof message === 'function' ? message({}) : message);
}
