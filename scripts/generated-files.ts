import { causesReference } from './causes-reference.ts';
import { bashCompletion, fishCompletion, zshCompletion } from './completion.ts';
import { configReference } from './config-reference.ts';
import { configSchemas } from './config-schema.ts';
import { dashboards } from './grafana.ts';
import { lintReference } from './lint-reference.ts';
import { manFlapd } from './man-flapd.ts';
import { manFlapdPolicies } from './man-flapd-policies.ts';
import { manFlapdYaml } from './man-flapd-yaml.ts';
import { metricsReference } from './metrics-reference.ts';

/** What `npm run schema` writes, by its path in the checkout. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const schemas = configSchemas();
  return {
    'schema/flapd.schema.json': json(schemas.flapd),
    'schema/policies.schema.json': json(schemas.policies),
    'schema/causes.schema.json': json(schemas.causes),
    'docs/causes.md': causesReference(schemas.causes),
    'docs/metrics.md': metricsReference(),
    'docs/configuration.md': configReference(schemas),
    'docs/lint.md': lintReference(),
    'man/flapd.yaml.5': manFlapdYaml(schemas.flapd),
    'man/flapd-policies.5': manFlapdPolicies(schemas.policies),
    'man/flapd.8': manFlapd(),
    'packaging/completion/flapd.bash': bashCompletion(),
    'packaging/completion/flapd.zsh': zshCompletion(),
    'packaging/completion/flapd.fish': fishCompletion(),
    ...Object.fromEntries(
      Object.entries(dashboards).map(([file, content]) => [`contrib/grafana/${file}`, json(content)]),
    ),
  };
}

function json(content: object): string {
  return `${JSON.stringify(content, undefined, 2)}\n`;
}
