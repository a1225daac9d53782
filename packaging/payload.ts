import { readdirSync } from 'node:fs';
import { filesBeside } from './bundle.ts';
import { inCheckout, textOf } from './checkout.ts';
import { filesIn, gzipped, type Tree } from './tree.ts';

const systemd = 'contrib/systemd';

/** Units that are enabled and started at installation: those with an [Install] section. */
export function startedUnits(): readonly string[] {
  return readdirSync(inCheckout(systemd))
    .filter((name) => /\.(?:service|socket)$/.test(name) && textOf(systemd, name).includes('\n[Install]\n'))
    .toSorted();
}

/** What every package holds beside the program itself; paths as on the system. */
export function payload(): Tree {
  return {
    'usr/bin/flapd': { link: '../lib/flapd/flapd' },
    ...filesBeside('usr/lib/flapd/'),
    ...filesIn(inCheckout(systemd), 'usr/lib/systemd/system'),
    ...filesIn(inCheckout(systemd, 'user'), 'usr/lib/systemd/user'),
    ...filesIn(inCheckout(systemd, 'sysusers.d'), 'usr/lib/sysusers.d'),
    // Not below flapd.service.d: whether this systemd knows them is found out at installation.
    ...filesIn(inCheckout(systemd, 'flapd.service.d'), 'usr/share/flapd/systemd'),
    ...filesIn(inCheckout('schema'), 'usr/share/flapd/schema'),
    ...filesIn(inCheckout('contrib/grafana'), 'usr/share/flapd/grafana'),
    ...filesIn(inCheckout('contrib/prometheus'), 'usr/share/flapd/prometheus'),
    'usr/share/bash-completion/completions/flapd': { content: textOf('packaging/completion/flapd.bash') },
    'usr/share/zsh/vendor-completions/_flapd': { content: textOf('packaging/completion/flapd.zsh') },
    'usr/share/fish/vendor_completions.d/flapd.fish': { content: textOf('packaging/completion/flapd.fish') },
    ...Object.fromEntries(
      readdirSync(inCheckout('man')).map((page) => [
        `usr/share/man/man${page.at(-1)}/${page}.gz`,
        { content: gzipped(textOf('man', page)) },
      ]),
    ),
    'etc/flapd/flapd.yaml': { content: textOf('packaging/etc/flapd.yaml') },
    'etc/flapd/policies.d': 'folder',
  };
}

/** Documentation, below the folder that each kind of package keeps it in. */
export function documentation(folder: string): Tree {
  return {
    [`${folder}/README.md`]: { content: textOf('README.md') },
    ...filesIn(inCheckout('docs'), `${folder}/docs`),
    ...filesIn(inCheckout('packaging/examples/policies'), `${folder}/examples/policies`),
  };
}
