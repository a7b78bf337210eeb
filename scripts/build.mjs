// Bundles the TypeScript of the product into dist/ and, with --tests, of the tests into out/.
//
//   node scripts/build.mjs            wire types, extension, ssh, cli, webview, probes and addon that are built
//   node scripts/build.mjs --tests    the same, and the tests
//   node scripts/build.mjs --wire     only the TypeScript that is generated from the wire description
//   --dev                             source maps, not minified
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
process.chdir(root);
const flags = new Set(process.argv.slice(2));
const dev = flags.has('--dev');

const PROTO = 'native/wire/acupoint.proto';
const GENERATED = 'extension/probe/generated/acupoint_pb.ts';
const PROBES = ['x86_64', 'aarch64'];

generateWire();
if (!flags.has('--wire')) {
  await Promise.all([bundleNode(), bundleWebview()]);
  if (existsSync('dist/cli.js')) chmodSync('dist/cli.js', 0o755);
  copyNative();
  if (flags.has('--tests')) await bundleTests();
}

/** protoc with the generator of @bufbuild/protobuf; only when the description is newer. */
function generateWire() {
  if (existsSync(GENERATED) && statSync(GENERATED).mtimeMs > statSync(PROTO).mtimeMs) return;
  mkdirSync(dirname(GENERATED), { recursive: true });
  execFileSync(
    'protoc',
    [
      '--plugin=protoc-gen-es=node_modules/.bin/protoc-gen-es',
      '--es_opt=target=ts',
      `--es_out=${dirname(GENERATED)}`,
      `--proto_path=${dirname(PROTO)}`,
      PROTO,
    ],
    { stdio: 'inherit' },
  );
}

function nodeOptions() {
  return {
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: !dev,
    sourcemap: dev,
    legalComments: 'none',
    logLevel: 'warning',
    // ssh2's optional native parts; it works without them.
    external: ['vscode', '*.node', 'cpu-features', './ssh.js'],
  };
}

/** What is not needed at once stands in bundles of its own: activation stays quick. */
function bundleNode() {
  const entries = [
    ['extension/main.ts', 'dist/extension.js', {}],
    ['extension/remote/ssh/index.ts', 'dist/ssh.js', {}],
    ['extension/probe/index.ts', 'dist/probe.js', {}],
    ['extension/profile/formats/index.ts', 'dist/formats.js', {}],
    ['extension/capture/heap-worker.ts', 'dist/heap-worker.js', {}],
    ['extension/views/heap/index.ts', 'dist/heap.js', {}],
    ['extension/views/capture-page/index.ts', 'dist/capture-page.js', {}],
    ['extension/cli.ts', 'dist/cli.js', { banner: { js: '#!/usr/bin/env node' } }],
  ];
  return Promise.all(
    entries
      .filter(([entry]) => existsSync(entry))
      .map(([entry, outfile, more]) =>
        build({ ...nodeOptions(), entryPoints: [entry], outfile, ...more }),
      ),
  );
}

function bundleWebview() {
  if (!existsSync('webview/capture/main.ts')) return Promise.resolve();
  return build({
    entryPoints: { main: 'webview/capture/main.ts', heap: 'webview/heap/main.ts' },
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'chrome120',
    outdir: 'dist/webview',
    minify: !dev,
    sourcemap: dev,
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/** Takes along what `make` has built; what it has not is left out and said. */
function copyNative() {
  for (const architecture of PROBES) {
    copyBuilt(
      `native/probe/build/${architecture}/acupoint-probe`,
      `dist/probes/${architecture}/acupoint-probe`,
    );
  }
  copyBuilt('native/addon/build/acupoint.node', 'dist/acupoint.node');
}

function copyBuilt(from, to) {
  if (!existsSync(from)) {
    console.warn(`build: ${from} is not there; run \`npm run build:native\``);
    return;
  }
  mkdirSync(dirname(to), { recursive: true });
  // Under a new name first: what runs now has the old file mapped, and would die of a change in place.
  copyFileSync(from, `${to}.new`);
  chmodSync(`${to}.new`, 0o755);
  renameSync(`${to}.new`, to);
}

async function bundleTests() {
  // Folders named `page` hold browser code, which the tests that use it bundle themselves.
  const entryPoints = readdirSync('test', { recursive: true })
    .map((path) => join('test', path))
    .filter((path) => path.endsWith('.ts') && !/[/\\]page[/\\]/.test(path));
  if (entryPoints.length === 0) return;
  // Names that are kept cost at each closure; the product keeps none, and fuzzing needs the speed.
  const fuzz = (path) => path.startsWith(join('test', 'fuzz'));
  await bundleSomeTests(entryPoints.filter(fuzz), false);
  await bundleSomeTests(
    entryPoints.filter((path) => !fuzz(path)),
    true,
  );
}

async function bundleSomeTests(entryPoints, keepNames) {
  await build({
    ...nodeOptions(),
    minify: false,
    sourcemap: 'inline',
    keepNames,
    entryPoints,
    outbase: 'test',
    outdir: 'out',
    external: [
      'vscode',
      '*.node',
      'mocha',
      '@vscode/test-electron',
      'ssh2',
      'playwright-core',
      'esbuild',
      'eslint',
      'typescript-eslint',
      'cpu-features',
    ],
  });
}
