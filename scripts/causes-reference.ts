import { matchers } from '../src/core/causes/matchers.ts';
import { table } from './config-reference.ts';
import { rowsOf } from './config-rows.ts';
import type { JsonSchema } from './config-schema.ts';

const head = `# Causes

What \`flapd explain UNIT\`, and the daemon for each new incident, look for in the run that died: its last lines, its end, what
systemd and the kernel said of it, its settings. Where one can be confirmed, flapd looks: at sockets, mounts, paths, users, names.
Of a loop it also reads the log of the first run that died, where the journal still has it: later ones may only echo that. The daemon
keeps the end of that log with the incident, and \`flapd explain\` shows it where the journal no longer has it.
It looks only, changes nothing, takes a second at most for each, and has the rights of whoever calls it.

- \`confirmed\`: something beside the service's own words says so too.
- \`likely\`: its words say so.
- \`could-not-check\`: its words say so, and the reason stands with the proof why more could not be found out.

| cause | |
|---|---|
`;

const own = `
## Causes of your own

In \`/etc/flapd/causes.d/*.yaml\`, for what only you know of your services:

\`\`\`yaml
causes:
  - name: licence-expired
    pattern: "(?i)licen[cs]e .* expired"
    match: "app@*"
    title: The licence of the application has expired
    hint: Fetch a new one from the portal, and put it to /etc/app/licence
    runbook: https://wiki.example.org/runbooks/app-licence
\`\`\`

They are held against the last forty lines of a run, and stand behind what flapd has confirmed, before what it thinks likely.
Expressions are RE2's, whose time grows with the line and no faster: there are no backreferences and no look-around.
\`flapd check\` says what is wrong with them.

`;

/** docs/causes.md, out of the table of matchers and the schema. */
export function causesReference(schema: JsonSchema): string {
  const rows = matchers.map(({ id, looksFor }) => `| \`${id}\` | ${looksFor} |`);
  return `${head}${rows.join('\n')}\n${own}${table(rowsOf(schema))}`;
}
