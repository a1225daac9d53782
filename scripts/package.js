// Builds the packages: two .deb that bring their Node, one that does not, a tarball, and one for npm, into build/.
// usage: npm run package [-- nodejs amd64 arm64 archives]
import { build } from 'esbuild';

// Node 20 reads no TypeScript.
const { outputFiles } = await build({
  entryPoints: ['packaging/main.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const source = Buffer.from(outputFiles[0].contents).toString('base64');
const { buildPackages } = await import(`data:text/javascript;base64,${source}`);
try {
  for (const file of buildPackages(process.argv.slice(2))) console.log(file);
} catch (error) {
  console.error(`flapd: ${error.message}`);
  process.exitCode = 1;
}
