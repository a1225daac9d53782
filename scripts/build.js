// One file per program, so that it runs on any Node >= 20 with nothing beside it, also inside the lab's other roots; but
// for what sends mail and what reads expressions, which few need.
import { chmodSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
// Parts of packages that flapd never calls, but that are loaded with them: of prom-client 1.6 MB of memory at start; of
// pino, whose lines go to a writer of flapd's own, what writes to files and from other threads.
const unusedOf = {
  'prom-client': /\/(pushgateway|cluster|defaultMetrics|summary)$/,
  pino: /^(\.\/transport|\.\/lib\/transport|sonic-boom|on-exit-leak-free|worker_threads)$/,
};
const unused = {
  name: 'unused',
  setup(builder) {
    for (const [name, filter] of Object.entries(unusedOf)) {
      builder.onResolve({ filter }, ({ importer, path }) =>
        importer.includes(`/node_modules/${name}/`) ? { path, namespace: 'unused' } : undefined,
      );
    }
    // A function, for what asks whether something is an instance of one of these.
    builder.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents: 'module.exports = function () {};',
    }));
  },
};
/**
 * Modules of Node's own that an idle flapd has no use for are loaded by the first call of one of their functions: 2 MB for
 * node:crypto, which hashes a style sheet when somebody looks at it.
 */
const atFirstUse = {
  name: 'at-first-use',
  setup(builder) {
    builder.onResolve({ filter: /^node:(crypto|dns\/promises|vm)$/ }, ({ namespace, path }) =>
      namespace === 'at-first-use' ? undefined : { path, namespace: 'at-first-use' },
    );
    builder.onLoad({ filter: /.*/, namespace: 'at-first-use' }, async ({ path }) => {
      const names = JSON.stringify(Object.keys((await import(path)).default));
      const getter = `{ enumerable: true, get: () => require('${path}')[name] }`;
      return { contents: `for (const name of ${names}) Object.defineProperty(exports, name, ${getter});` };
    });
  },
};
/**
 * A package that few hosts need, in a file beside the program. By name and not by import: in a single executable
 * application that finds only what Node itself has, and there __filename is the executable
 * (nodejs.org/api/single-executable-applications.html).
 */
const beside = (name, file) => ({
  name: file,
  setup(builder) {
    builder.onResolve({ filter: new RegExp(`^${name}$`) }, ({ path, kind }) =>
      kind === 'entry-point' ? undefined : { path, namespace: file },
    );
    builder.onLoad({ filter: /.*/, namespace: file }, () => ({
      contents: `module.exports = require('node:module').createRequire(__filename)('./${file}');`,
    }));
  },
});
// What only a host that sends mail loads: as a part of the program its source alone takes 0.9 MB from everybody.
const mailFile = 'flapd-mail.cjs';
const mailBeside = beside('nodemailer', mailFile);
// What only a host with causes of its own loads.
const expressionsFile = 'flapd-re2.cjs';
const expressionsBeside = beside('re2js', expressionsFile);
const output = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  legalComments: 'none',
  logLevel: 'warning',
};
const common = {
  ...output,
  sourcemap: 'linked',
  // dbus-next asks for both inside a try: neither is ever wanted, and neither is installed.
  external: ['x11', 'usocket'],
  // The lab's scripts are found beside the checkout where there is no import.meta: see test/lab/keeper.ts.
  logOverride: { 'empty-import-meta': 'silent' },
  define: { 'process.env.FLAPD_VERSION': JSON.stringify(version) },
  banner: { js: '#!/usr/bin/env node' },
};

await build({
  ...common,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/flapd.cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [unused, atFirstUse, mailBeside, expressionsBeside],
});
// What runs as root has nothing in it but what it does: no HTTP, no sinks.
await build({
  ...common,
  entryPoints: ['src/apply-main.ts'],
  outfile: 'dist/flapd-apply.cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [atFirstUse, expressionsBeside],
});
await build({ ...output, entryPoints: ['re2js'], outfile: `dist/${expressionsFile}`, minify: true });
await build({ ...output, entryPoints: ['nodemailer'], outfile: `dist/${mailFile}`, minify: true });
await build({
  ...common,
  entryPoints: ['demo/demo.ts'],
  outfile: 'dist/demo.cjs',
  plugins: [mailBeside, expressionsBeside],
});
for (const program of ['dist/flapd.cjs', 'dist/flapd-apply.cjs']) {
  // What esbuild can't write as an escape by itself, a regular expression, has to have it: V8 keeps the source for as long as
  // the program runs, and takes two bytes for each character of it where one does not fit into one.
  const found = /^.*[\u0100-\uffff].*$/m.exec(readFileSync(program, 'utf8'))?.[0];
  if (found !== undefined) throw new Error(`${program} is not all Latin-1: ${found.slice(0, 200)}`);
}
chmodSync('dist/flapd.cjs', 0o755);
chmodSync('dist/flapd-apply.cjs', 0o755);
