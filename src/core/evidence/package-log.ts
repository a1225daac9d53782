import type { ChangeView } from './change.ts';
import { plainText } from '../log-text.ts';

interface Action {
  readonly atMs: number;
  readonly name: string;
  readonly did: string;
}

/** "2026-11-24 12:00:00 upgrade nginx:amd64 1.22.1-9 1.22.1-10", in local time (dpkg(1)). */
const dpkgLine =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) (install|upgrade|remove|purge) ([^\s:]{1,100})\S* (\S+) (\S+)/;
/** "2026-11-24T12:00:00+0000 SUBDEBUG Upgrade: nginx-1:1.22.1-9.fc40.x86_64" */
const rpmLine =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}) \w+ (Installed?|Upgraded?|Removed?|Erased?|Downgraded?): (\S{1,150})/;

const words: Readonly<Record<string, string>> = {
  install: 'installed',
  upgrade: 'upgraded',
  remove: 'removed',
  purge: 'purged',
};

/** Actions of one run of a package manager are one change. */
const apartMs = 5 * 60_000;
const mostNamed = 4;

/** What a package manager's log tells of what it did. */
export function packageChanges(text: string): readonly ChangeView[] {
  const actions = text.split('\n').flatMap((line) => dpkgAction(line) ?? rpmAction(line) ?? []);
  const runs: Action[][] = [];
  for (const action of actions) {
    const last = runs.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && action.atMs - before.atMs < apartMs) last.push(action);
    else runs.push([action]);
  }
  return runs.map(describeRun);
}

function dpkgAction(line: string): Action | undefined {
  const [, at, verb = '', name = '', from = '', to = ''] = dpkgLine.exec(line) ?? [];
  if (at === undefined) return undefined;
  const versions = verb === 'upgrade' ? ` from ${from} to ${to}` : '';
  return { atMs: Date.parse(at), name, did: `${words[verb]}${versions}` };
}

function rpmAction(line: string): Action | undefined {
  const [, at, verb = '', name = ''] = rpmLine.exec(line) ?? [];
  if (at === undefined) return undefined;
  return {
    atMs: Date.parse(at),
    name,
    did: verb
      .toLowerCase()
      .replace(/(?:e?d)?$/, 'ed')
      .replace('eed', 'ed'),
  };
}

function describeRun(run: readonly Action[]): ChangeView {
  const [first] = run;
  const at = new Date(first?.atMs ?? 0).toISOString();
  const [only, ...others] = [...new Map(run.map((action) => [action.name, action])).values()];
  if (only !== undefined && others.length === 0)
    return { at, kind: 'package', what: plainText(`${only.name} was ${only.did}`, 300) };
  const names = [...new Set(run.map(({ name }) => name))];
  const rest = names.length - mostNamed;
  const more = rest > 0 ? ` and ${rest} more` : '';
  return {
    at,
    kind: 'package',
    what: plainText(
      `${names.slice(0, mostNamed).join(', ')}${more} were installed, upgraded or removed`,
      400,
    ),
  };
}
