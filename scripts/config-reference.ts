import { neverApplied } from '../src/core/remedy/deny-list.ts';
import { type Row, rowsOf, sinkRows } from './config-rows.ts';
import type { JsonSchema } from './config-schema.ts';

const head = `# Configuration

Every key of flapd's files. \`flapd check\` says what is wrong with them; for an editor that speaks YAML, the first line
\`# yaml-language-server: $schema=…/flapd.schema.json\` (or \`policies.schema.json\`) completes and checks them.
This page and both schemas come of the definition that flapd reads by: \`npm run schema\`.

A time span is written as for systemd: \`90\`, \`2min 5s\`, \`1.5h\`; a bare number is seconds.
`;

const flapdHead = `## /etc/flapd/flapd.yaml
`;

const policiesHead = `## /etc/flapd/policies.d/*.yaml

Files are read in lexical order. The first policy whose \`match\` fits a unit is its policy; a built-in one, of defaults
alone, fits what is left.
`;

const causesHead = `## /etc/flapd/causes.d/*.yaml

Causes that \`flapd explain\`, and the daemon for each new incident, look for beside their own ([causes.md](causes.md)).
`;

const tail = `Never changed, whatever a policy says: ${neverApplied.map(([pattern]) => `\`${pattern}\``).join(', ')}.

## What \`flapd check\` finds

Errors, which stop the daemon from starting and a reload from being taken: \`unknown-key\`, \`missing-key\`,
\`duplicate-name\`, \`unknown-sink\`, and \`invalid\` for what is wrong otherwise.

Warnings, which stop nothing:

| id | |
|---|---|
| \`shadowed-policy\` | Policies before it match every unit that it matches: it is never used. |
| \`impossible-rule\` | So many restarts take longer than the rule looks, even if systemd waits only its usual 100ms before each. |
| \`rule-too-fast-for-unit\` | The same for a service that is loaded now, with its own \`RestartSec=\`; only where systemd can be asked. |
| \`redundant-rule\` | Whenever it holds, another rule of the policy does already. |
| \`calm-too-soon\` | \`calm_after\` is shorter than the runs of the loops that the policy's fastest rule is about. |
| \`never-applied\` | \`mode: apply\` for units that are never changed. |
`;

/** docs/configuration.md, out of the two schemas. */
export function configReference(
  schemas: Readonly<Record<'flapd' | 'policies' | 'causes', JsonSchema>>,
): string {
  return [
    head,
    flapdHead,
    table(rowsOf(schemas.flapd)),
    ...sinkRows(schemas.flapd).map(([type, rows]) => `### sinks.NAME with type: ${type}\n\n${table(rows)}`),
    policiesHead,
    table(rowsOf(schemas.policies)),
    causesHead,
    table(rowsOf(schemas.causes)),
    tail,
  ].join('\n');
}

export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ above, key, value, ifLeftOut, description }) => {
    const cells = [`\`${above}${key}\``, value, ifLeftOut, description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return ['| key | value | default | |', '|---|---|---|---|', ...lines, ''].join('\n');
}
