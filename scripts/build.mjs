// Bundles the TypeScript of the product into dist/ and, with --tests, of the tests into out/.
//
//   node scripts/build.mjs            wire types, extension, ssh, cli, webview, probes and addon that are built
//   node scripts/build.mjs --tests    the same, and the tests
//   node scripts/build.mjs --wire     only the TypeScript that is generated from the wire description
//   node scripts/build.mjs --watch    a development build, once more after each change
//   --dev                             not minified, with references to its source maps
import { chmodSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { productBundles, testBundles, testFiles } from './build/bundles.mjs';
import { copyNative } from './build/native.mjs';
import { watch } from './build/watch.mjs';
import { generateWire } from './build/wire.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '..'));
const flags = new Set(process.argv.slice(2));

generateWire();
if (flags.has('--watch')) {
  copyNative();
  await watch(productBundles({ dev: true }));
} else if (!flags.has('--wire')) {
  await Promise.all(productBundles({ dev: flags.has('--dev') }).map((each) => build(each)));
  if (existsSync('dist/cli.js')) chmodSync('dist/cli.js', 0o755);
  copyNative();
  // One after the other: it bounds the memory that esbuild takes.
  if (flags.has('--tests')) for (const each of testBundles(testFiles())) await build(each);
}
