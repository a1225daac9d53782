// Writes what comes of the definitions of configuration and commands: JSON Schemas, the reference of keys, man pages.
import { writeFileSync } from 'node:fs';
import { build } from 'esbuild';

// Node 20 reads no TypeScript.
const { outputFiles } = await build({
  entryPoints: ['scripts/generated-files.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const source = Buffer.from(outputFiles[0].contents).toString('base64');
const { generatedFiles } = await import(`data:text/javascript;base64,${source}`);
for (const [file, content] of Object.entries(generatedFiles())) writeFileSync(file, content);
