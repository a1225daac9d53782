import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { causesFile } from '../src/config/cause-schema.ts';
import { flapdFile, policiesFile } from '../src/config/schema.ts';

/** As far as the reference reads it. */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly required?: readonly string[];
  /** A list of them has no keys to tell of. */
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** What a program does with a value; what a value may be stands beside it, in `metadata`. */
const ignoreActions = ['raw_transform', 'raw_check', 'transform'];

/** The JSON Schemas of each kind of file, by the names of theirs, out of the definition that flapd itself reads by. */
export function configSchemas(): Readonly<Record<'flapd' | 'policies' | 'causes', JsonSchema>> {
  return {
    flapd: jsonSchema(flapdFile, 'flapd.yaml'),
    policies: jsonSchema(policiesFile, 'policies.d/*.yaml of flapd'),
    causes: jsonSchema(
      causesFile(() => undefined),
      'causes.d/*.yaml of flapd',
    ),
  };
}

function jsonSchema(schema: GenericSchema, title: string): JsonSchema {
  const converted = toJsonSchema(schema, {
    target: 'draft-07',
    ignoreActions,
    overrideAction: ({ valibotAction, jsonSchema: made, errors }) => {
      // Every reader of JSON Schema takes patterns as Unicode, as ours with a flag are.
      if (valibotAction.type !== 'regex' || !('requirement' in valibotAction)) return undefined;
      const { requirement } = valibotAction;
      if (!(requirement instanceof RegExp)) throw new Error(String(errors));
      return { ...made, pattern: requirement.source };
    },
  });
  const { $schema, ...rest } = converted;
  const plain: JsonSchema = JSON.parse(JSON.stringify({ $schema, title, ...rest }));
  return plain;
}
