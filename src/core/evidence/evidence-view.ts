import type { CoreDump, Evidence, LoggedLine, SpawnFailure } from './evidence.ts';
import { plainText } from '../log-text.ts';
import { maskSecrets } from './secrets.ts';
import type { Setting } from '../systemd/unit-settings.ts';
import type { ExitView } from '../view.ts';

export interface SettingView {
  readonly section: string;
  readonly directive: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** What is known of the run that died, as it may be shown. */
export interface EvidenceView {
  readonly exit?: ExitView;
  readonly statusMeaning?: string;
  readonly cpuSeconds?: number;
  readonly memoryPeakBytes?: number;
  readonly lines: readonly LoggedLine[];
  readonly linesUnknown?: string;
  readonly spawnFailure?: SpawnFailure;
  readonly coreDump?: CoreDump;
  readonly oomKilled: boolean;
  /** Of those that decide how it runs and restarts: what is in force, and where it stands. */
  readonly settings: readonly SettingView[];
}

/** Shown, where a file sets them; the environment has secrets, and is not. */
const shownDirectives: ReadonlySet<string> = new Set([
  ...[
    'Type',
    'ExecStart',
    'ExecStartPre',
    'ExecStartPost',
    'ExecCondition',
    'User',
    'Group',
    'WorkingDirectory',
  ],
  ...[
    'Restart',
    'RestartSec',
    'RestartSteps',
    'RestartMaxDelaySec',
    'RestartMode',
    'RestartPreventExitStatus',
  ],
  ...[
    'RestartForceExitStatus',
    'SuccessExitStatus',
    'TimeoutStartSec',
    'TimeoutSec',
    'WatchdogSec',
    'MemoryMax',
  ],
  ...[
    'LimitNOFILE',
    'OOMPolicy',
    'StartLimitIntervalSec',
    'StartLimitInterval',
    'StartLimitBurst',
    'StartLimitAction',
  ],
  ...['EnvironmentFile', 'RootDirectory', 'ProtectSystem', 'ProtectHome', 'PrivateTmp', 'DynamicUser'],
]);
const mostSettings = 60;
const mostValueChars = 300;

export function presentEvidence(
  {
    exit,
    statusMeaning,
    cpuSeconds,
    memoryPeakBytes,
    lines,
    linesUnknown,
    spawn,
    coreDump,
    oomKilled,
  }: Evidence,
  settings: readonly Setting[],
): EvidenceView {
  return {
    ...(exit === undefined ? {} : { exit }),
    ...(statusMeaning === undefined ? {} : { statusMeaning }),
    ...(cpuSeconds === undefined ? {} : { cpuSeconds }),
    ...(memoryPeakBytes === undefined ? {} : { memoryPeakBytes }),
    lines,
    ...(linesUnknown === undefined ? {} : { linesUnknown }),
    ...(spawn === undefined ? {} : { spawnFailure: spawn }),
    ...(coreDump === undefined ? {} : { coreDump }),
    oomKilled,
    settings: settings
      .filter(({ standing, directive }) => standing.kind === 'in-force' && shownDirectives.has(directive))
      .slice(0, mostSettings)
      .map(({ section, directive, value, file, line }) => ({
        section,
        directive,
        value: plainText(maskSecrets(value), mostValueChars),
        file: plainText(file, mostValueChars),
        line,
      })),
  };
}
