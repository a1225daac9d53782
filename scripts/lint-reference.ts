import { renderFindings } from '../src/cli/lint-text.ts';
import { restartSettingsIn } from '../src/core/systemd/file-restart-settings.ts';
import { severities } from '../src/core/lint/finding.ts';
import { lintRules } from '../src/core/lint/rules.ts';
import type { LintRule } from '../src/core/lint/rule.ts';
import { lint, manualUrl } from '../src/core/lint/lint.ts';
import { parseUnitFile } from '../src/core/systemd/unit-file.ts';
import { unitSettings } from '../src/core/systemd/unit-settings.ts';

/** docs/lint.md */
export function lintReference(): string {
  return `# What \`flapd lint\` finds

<!-- Written by \`npm run schema\` from src/core/lint/. -->

\`flapd lint\` reads the unit file and the drop-ins of every installed service as systemd does, asks systemd which lines it
ignores, reads in the journal what the services did in the last week, and says which of their brakes can't work. It loads
nothing and changes nothing, needs no daemon, and no rights but to read unit files and the journal.

Each finding has a severity: ${severities.map((each) => `\`${each}\` (${meanings[each]})`).join(', ')}.

With \`--json\` it is an array of \`{id, severity, unit, file, line, column, message, fix, see, source, units, unitsTotal}\`:
\`fix\` is a drop-in where it begins with \`[\`, to be pasted into \`systemctl edit UNIT\`, and else says what to do; \`source\` is
the assignment in question, absent where no line is to blame; \`see\` is the section of the manual.

What is found in a line that several units share, as instances share that of their template, and all services that of a
drop-in in \`service.d\`, is one finding, in the words of the one that has it worst: \`units\` are those it holds for, 100 at
most, and \`unitsTotal\` says how many. \`flapd lint UNIT\` has the words for each.

It exits 1 where something is found that \`--severity\` does not leave out.

\`\`\`
$ flapd lint worker
${example()}\`\`\`

| id | finds | manual |
|---|---|---|
${lintRules.map(row).join('\n')}
`;
}

const meanings: Readonly<Record<(typeof severities)[number], string>> = {
  error: 'systemd does not do what is written there',
  warning: 'it does, and that is no brake',
  info: 'worth knowing, and perhaps meant',
};

/** What it prints of a service that has two of the faults. */
function example(): string {
  const file = '/etc/systemd/system/worker.service';
  const text =
    '[Unit]\nAfter=network.target\n\n[Service]\nExecStart=/usr/local/bin/worker\nRestart=always\nRestartSec=5s\nStartLimitIntervalSec=5min\n';
  const files = [{ file, ...parseUnitFile(text) }];
  const settings = unitSettings(files, systemdVersion);
  const restart = restartSettingsIn(settings, defaults, systemdVersion);
  const known = {
    complaints: [],
    hasSocket: false,
    active: false,
    startingForMs: undefined,
    past: undefined,
  };
  const findings = lint({ unit: 'worker.service', files, settings, restart, ...known });
  return renderFindings(findings, 1, false);
}

const systemdVersion = 257;
const defaults = { restartSecMs: 100, startLimitIntervalMs: 10_000, startLimitBurst: 5 };

function row(rule: LintRule): string {
  const [page] = rule.manual;
  return `| \`${rule.id}\` | ${rule.finds} | [${page}(${page === 'systemd.syntax' ? 7 : 5})](${manualUrl(rule)}) |`;
}
