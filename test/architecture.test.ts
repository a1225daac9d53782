import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { architectureFaults } from './support/architecture.ts';

const checkout = fileURLToPath(new URL('..', import.meta.url));

function sources(): Record<string, string> {
  const files = ['src', 'test', 'demo', 'bench'].flatMap((folder) =>
    readdirSync(path.join(checkout, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => path.relative(checkout, path.join(entry.parentPath, entry.name))),
  );
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(checkout, file), 'utf8')]));
}

test('the sources keep to the shape that CONTRIBUTING.md describes', () => {
  const all = sources();
  expect(Object.keys(all).length).toBeGreaterThan(100);
  expect(architectureFaults(all)).toEqual([]);
});

test('every folder of src/ has its place among the layers', () => {
  const folders = readdirSync(path.join(checkout, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  const known = ['apply', 'cli', 'config', 'core', 'http', 'kit', 'probes', 'sinks', 'systemd'];
  expect(folders.filter((name) => !known.includes(name))).toEqual([]);
});

describe('the check of the imports', () => {
  const imports: readonly [from: string, specifier: string, fault: boolean][] = [
    ['src/core/step.ts', './judge.ts', false],
    ['src/core/step.ts', '../kit/clock.ts', true],
    ['src/core/step.ts', '../systemd/bus.ts', true],
    ['src/core/step.ts', '../engine.ts', true],
    ['src/core/step.ts', 'node:fs', true],
    ['src/core/step.ts', 'valibot', true],
    ['src/kit/log.ts', './errors.ts', false],
    ['src/kit/log.ts', 'pino', false],
    ['src/kit/log.ts', '../core/view.ts', true],
    ['src/http/page.ts', '../core/view.ts', false],
    ['src/http/page.ts', '../kit/errors.ts', false],
    ['src/http/page.ts', './answer.ts', false],
    ['src/http/page.ts', '../config/listen.ts', true],
    ['src/config/load.ts', '../systemd/bus.ts', true],
    ['src/sinks/webhook.ts', '../http/answer.ts', true],
    ['src/probes/probe.ts', '../systemd/manager.ts', true],
    ['src/systemd/watcher.ts', '../daemon.ts', true],
    ['src/apply/apply-remedy.ts', '../systemd/manager.ts', false],
    ['src/apply/apply-remedy.ts', '../daemon.ts', true],
    ['src/apply/apply-remedy.ts', '../sinks/webhook.ts', true],
    ['src/daemon.ts', './systemd/watcher.ts', false],
    ['src/daemon.ts', './engine.ts', false],
    ['src/daemon.ts', './cli/args.ts', true],
    ['src/engine.ts', './main.ts', true],
    ['src/cli/run.ts', '../daemon.ts', false],
    ['src/cli/run.ts', '../http/listen-fault.ts', false],
    ['src/cli/run.ts', '../main.ts', true],
    ['src/cli/run.ts', '../../test/lab/lab.ts', true],
    ['src/main.ts', './cli/args.ts', false],
    ['test/core/step.test.ts', '../../src/core/step.ts', false],
  ];

  test.each(imports)('%s and %s: a fault? %s', (from, specifier, fault) => {
    const forms = [
      `import { a } from '${specifier}';`,
      `import type { A } from "${specifier}";`,
      `import {\n  a,\n  b,\n} from '${specifier}';`,
      `import '${specifier}';`,
      `export { a } from '${specifier}';`,
      `const a = await import('${specifier}');`,
    ];
    for (const form of forms) expect(architectureFaults({ [from]: form })).toHaveLength(fault ? 1 : 0);
  });

  test('passes over what only a comment imports', () => {
    const text =
      "// import { a } from '../kit/a.ts';\n/** as in import '../http/b.ts' */\nexport const c = 1;\n";
    expect(architectureFaults({ 'src/core/a.ts': text })).toEqual([]);
  });
});

describe('the check of the core', () => {
  test.each([
    'Date.now()',
    'new Date()',
    'new Date',
    'Date()',
    'setTimeout(f, 1)',
    'setInterval(f, 1)',
    'queueMicrotask(f)',
    'process.env',
    "process['hrtime']()",
    'console.log(1)',
    'Math.random()',
    'performance.now()',
    "globalThis['Date'].now()",
    'fetch(u)',
    "require('fs')",
  ])('finds %s', (code) => {
    const text = `export const f = (u: unknown): unknown => [u, ${code}];\n`;
    expect(architectureFaults({ 'src/core/a.ts': text })).toHaveLength(1);
    expect(architectureFaults({ 'src/kit/a.ts': text })).toEqual([]);
  });

  test.each([
    'new Date(u)',
    'Date.parse(String(u))',
    '"the main process. Date.now() console.log"',
    'u /* process.env, Math.random() */',
    '((process: string, now: { Date: number }) => [process.length, now.Date])',
  ])('leaves %s alone', (code) => {
    const text = `export const f = (u: any): unknown => [u, ${code}];\n`;
    expect(architectureFaults({ 'src/core/a.ts': text })).toEqual([]);
  });
});

describe('the check of locales', () => {
  test.each(["'a'.localeCompare('b')", "(5).toLocaleString('en')", 'new Intl.Collator()'])(
    'finds %s in src/ alone',
    (code) => {
      const text = `export const a = ${code};\n`;
      expect(architectureFaults({ 'src/cli/a.ts': text })).toHaveLength(1);
      expect(architectureFaults({ 'test/a.ts': text })).toEqual([]);
      expect(architectureFaults({ 'src/cli/a.ts': `// ${code}\n/* ${code} */\n` })).toEqual([]);
    },
  );
});

describe('the check of the files', () => {
  const lines = (count: number): string => 'export {};\n'.repeat(count);

  test('finds a file of more than 400 lines, and half of the files above 120', () => {
    expect(architectureFaults({ 'test/a.ts': lines(400) })).toEqual([]);
    expect(architectureFaults({ 'test/a.ts': lines(401) })).toEqual([
      'test/a.ts: has 401 lines; at most 400',
    ]);
    expect(architectureFaults({ 'src/kit/a.ts': lines(120), 'src/kit/b.ts': lines(9) })).toEqual([]);
    expect(architectureFaults({ 'src/kit/a.ts': lines(121), 'src/kit/b.ts': lines(121) })).toHaveLength(1);
  });

  test.each([
    'export default 1;',
    'const a = 1;\nexport { a as default };',
    'export default function f() {}',
  ])('finds the default export %j', (text) => {
    expect(architectureFaults({ 'src/kit/a.ts': text })).toEqual(['src/kit/a.ts: has a default export']);
    expect(architectureFaults({ 'vitest.config.ts': text })).toEqual([]);
  });

  test.each(['utils', 'bus-utils', 'helpers', 'helper', 'test-helpers', 'common', 'index'])(
    'finds the name %s.ts',
    (name) => {
      expect(architectureFaults({ [`src/kit/${name}.ts`]: 'export {};' })).toHaveLength(1);
      expect(architectureFaults({ [`test/support/${name}.ts`]: 'export {};' })).toHaveLength(1);
    },
  );

  test.each(['commons-fund', 'uncommon', 'index-of'])('leaves the name %s.ts alone', (name) => {
    expect(architectureFaults({ [`src/kit/${name}.ts`]: 'export {};' })).toEqual([]);
  });
});
