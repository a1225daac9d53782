import type { PlacedPolicy } from '../../src/config/placed-policy.ts';
import { policyOf } from '../../src/config/policy-entry.ts';
import { fallbackName } from '../../src/config/policy-names.ts';
import { policiesFile } from '../../src/config/schema.ts';
import { validate } from '../../src/config/validate.ts';
import { maxYamlTokens } from '../../src/config/yaml-guard.ts';
import { readYaml } from '../../src/config/yaml-source.ts';

/** The policies of a file f.yaml that holds this text, which has no mistakes. */
export function placedIn(text: string): PlacedPolicy[] {
  const { source } = readYaml('f.yaml', text, { tokens: maxYamlTokens });
  if (!source) throw new Error(`no YAML: ${text}`);
  const validation = validate(policiesFile, source);
  if (!validation.ok) throw new Error(JSON.stringify(validation.problems));
  return (validation.value.policies ?? []).map((entry, index) => ({
    policy: policyOf(entry, fallbackName('f.yaml', index)),
    source,
    index,
  }));
}
