import { configReference } from './config-reference.ts';
import { configSchemas } from './config-schema.ts';
import { manFlapd } from './man-flapd.ts';
import { manFlapdPolicies } from './man-flapd-policies.ts';
import { manFlapdYaml } from './man-flapd-yaml.ts';

/** What `npm run schema` writes, by its path in the checkout. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const schemas = configSchemas();
  return {
    'schema/flapd.schema.json': `${JSON.stringify(schemas.flapd, undefined, 2)}\n`,
    'schema/policies.schema.json': `${JSON.stringify(schemas.policies, undefined, 2)}\n`,
    'docs/configuration.md': configReference(schemas),
    'man/flapd.yaml.5': manFlapdYaml(schemas.flapd),
    'man/flapd-policies.5': manFlapdPolicies(schemas.policies),
    'man/flapd.8': manFlapd(),
  };
}
