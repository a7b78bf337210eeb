// Bundles and runs the tests whose path holds PATTERN: the shortest way from an edit to a result.
//
//   npm run t -- PATTERN [MOCHA OPTIONS]      npm run t -- engine -g windows
//
// Parts of dist/ that those tests use (pages, probe, addon) are not built: `npm run watch` or `npm run build` does that.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { testBundles, testFiles } from '../build/bundles.mjs';
import { generateWire } from '../build/wire.mjs';

process.chdir(join(dirname(fileURLToPath(import.meta.url)), '../..'));
const [pattern, ...options] = process.argv.slice(2);
const files = testFiles().filter(
  (path) => pattern !== undefined && path.endsWith('.test.ts') && path.includes(pattern),
);
if (pattern === undefined || files.length === 0) {
  console.error(
    pattern === undefined
      ? 'Usage: npm run t -- PATTERN [MOCHA OPTIONS]'
      : `No test has "${pattern}" in its path.`,
  );
  process.exit(2);
}

generateWire();
for (const each of testBundles(files)) await build(each);
const built = files.map((path) => path.replace(/^test/, 'out').replace(/\.ts$/, '.js'));
const { status } = spawnSync(
  'node',
  [
    '--enable-source-maps',
    'node_modules/mocha/bin/mocha.js',
    '--timeout',
    '60000',
    '--exit',
    ...options,
    ...built,
  ],
  { stdio: 'inherit' },
);
process.exitCode = status ?? 1;
