import type { JsonSchema } from './config-schema.ts';

/** What is told of one key; code stands in backticks. */
export interface Row {
  /** Of keys inside others, from the outermost on: `policies[].loop[].`, or nothing. */
  readonly above: string;
  readonly key: string;
  readonly value: string;
  /** `required`, the default, or nothing. */
  readonly ifLeftOut: string;
  readonly description: string;
}

/** The keys of a mapping, each before those inside of it. */
export function rowsOf(schema: JsonSchema, above = ''): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]): Row[] => {
    const isRequired = schema.required?.includes(key) === true;
    const row: Row = {
      above,
      key,
      value: typeOf(value),
      ifLeftOut: isRequired ? 'required' : defaultOf(value.default),
      description: value.description ?? '',
    };
    return [row, ...innerRows(value, `${above}${key}`)];
  });
}

/** The keys of each type of sink, but for `type` itself. */
export function sinkRows(flapd: JsonSchema): readonly (readonly [type: string, rows: readonly Row[]])[] {
  const sinks = flapd.properties?.['sinks']?.additionalProperties;
  const kinds = typeof sinks === 'object' ? (sinks.oneOf ?? sinks.anyOf ?? []) : [];
  return kinds.map((kind) => [
    String(kind.properties?.['type']?.const),
    rowsOf(kind).filter(({ key }) => key !== 'type'),
  ]);
}

function innerRows(schema: JsonSchema, above: string): Row[] {
  const { items, anyOf = [] } = schema;
  const inList = items ? rowsOf(items, `${above}[].`) : [];
  return [...rowsOf(schema, `${above}.`), ...inList, ...anyOf.flatMap((one) => rowsOf(one, `${above}.`))];
}

function typeOf({ title, type, enum: values, properties }: JsonSchema): string {
  if (title !== undefined) return title;
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(', ');
  if (properties !== undefined) return 'mapping';
  return type ?? '';
}

function defaultOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return `\`${value}\``;
  if (!Array.isArray(value)) return `\`${JSON.stringify(value)}\``;
  return value.map((each: unknown) => `\`${flowOf(each)}\``).join(', ');
}

/** `{ restarts: 5, within: 2min }` */
export function flowOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${key}: ${String(inner)}`);
  return `{ ${pairs.join(', ')} }`;
}
