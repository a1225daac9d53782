// One file per program, so that it runs on any Node >= 20 with nothing beside it, also inside the lab's other roots; but
// for what sends mail and what reads expressions, which few need.
import { chmodSync, readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
// Parts of prom-client that flapd never calls, but that are loaded with it: 1.6 MB of memory at start.
const unused = {
  name: 'unused',
  setup(builder) {
    builder.onResolve({ filter: /\/(pushgateway|cluster|defaultMetrics|summary)$/ }, ({ importer, path }) =>
      importer.includes('/prom-client/') ? { path, namespace: 'unused' } : undefined,
    );
    builder.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
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
  plugins: [unused, mailBeside, expressionsBeside],
});
// What runs as root has nothing in it but what it does: no HTTP, no sinks.
await build({
  ...common,
  entryPoints: ['src/apply-main.ts'],
  outfile: 'dist/flapd-apply.cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  plugins: [expressionsBeside],
});
await build({ ...output, entryPoints: ['re2js'], outfile: `dist/${expressionsFile}`, minify: true });
await build({ ...output, entryPoints: ['nodemailer'], outfile: `dist/${mailFile}`, minify: true });
await build({
  ...common,
  entryPoints: ['demo/demo.ts'],
  outfile: 'dist/demo.cjs',
  plugins: [mailBeside, expressionsBeside],
});
chmodSync('dist/flapd.cjs', 0o755);
chmodSync('dist/flapd-apply.cjs', 0o755);
