// The bundles of the product and of the tests: options of one call of esbuild each.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {import('esbuild').BuildOptions} Bundle */

/** Bundles of the product that run in Node. Activation stays quick: each part loads its own later. */
const NODE_ENTRIES = {
  'dist/extension.js': 'extension/main.ts',
  'dist/ssh.js': 'extension/remote/ssh/index.ts',
  'dist/probe.js': 'extension/probe/index.ts',
  'dist/formats.js': 'extension/profile/formats/index.ts',
  'dist/heap-worker.js': 'extension/capture/heap-worker.ts',
  'dist/heap.js': 'extension/views/heap/index.ts',
  'dist/capture-page.js': 'extension/views/capture-page/index.ts',
  'dist/cli.js': 'extension/cli.ts',
};
const WEBVIEW_ENTRIES = { main: 'webview/capture/main.ts', heap: 'webview/heap/main.ts' };

/**
 * The product. Its source maps stand beside the bundles and are not shipped: `scripts/read-stack.mjs`
 * reads them. A development build refers to them, so that a debugger finds them.
 * @param {{ dev: boolean }} options
 * @returns {Bundle[]}
 */
export function productBundles({ dev }) {
  /** @type {Bundle} */
  const common = {
    ...COMMON,
    minify: !dev,
    sourcemap: dev ? 'linked' : 'external',
    sourcesContent: dev,
  };
  const node = Object.entries(NODE_ENTRIES)
    .filter(([, entry]) => existsSync(entry))
    .map(([outfile, entry]) => ({
      ...common,
      ...NODE,
      entryPoints: [entry],
      outfile,
      ...(outfile === 'dist/cli.js' ? { banner: { js: '#!/usr/bin/env node' } } : {}),
    }));
  /** @type {Bundle} */
  const webview = {
    ...common,
    entryPoints: WEBVIEW_ENTRIES,
    platform: 'browser',
    format: 'iife',
    target: 'chrome120',
    outdir: 'dist/webview',
  };
  return existsSync(WEBVIEW_ENTRIES.main) ? [...node, webview] : node;
}

/** Paths of all tests and what belongs to them; folders named `page` hold browser code. */
export function testFiles() {
  return readdirSync('test', { recursive: true, encoding: 'utf8' })
    .map((path) => join('test', path))
    .filter((path) => path.endsWith('.ts') && !/[/\\]page[/\\]/.test(path));
}

/**
 * Tests, each file a bundle of its own in out/.
 * @param {string[]} files
 * @returns {Bundle[]}
 */
export function testBundles(files) {
  // Names that are kept cost at each closure; the product keeps none, and fuzzing needs the speed.
  /** @param {string} path */
  const isFuzz = (path) => path.startsWith(join('test', 'fuzz'));
  return [
    { entryPoints: files.filter(isFuzz), keepNames: false },
    { entryPoints: files.filter((path) => !isFuzz(path)), keepNames: true },
  ]
    .filter(({ entryPoints }) => entryPoints.length > 0)
    .map((some) => ({
      ...COMMON,
      ...NODE,
      ...some,
      sourcemap: 'inline',
      outbase: 'test',
      outdir: 'out',
      // Files that the product's bundles find beside themselves are in that of a test.
      external: [...OUTSIDE, ...TEST_EXTERNAL],
    }));
}

/** @satisfies {Bundle} */
const COMMON = {
  bundle: true,
  legalComments: /** @type {const} */ ('none'),
  logLevel: /** @type {const} */ ('warning'),
};

/** The last are ssh2's optional native parts; it works without them. */
const OUTSIDE = ['vscode', '*.node', 'cpu-features'];

/** @satisfies {Bundle} */
const NODE = {
  platform: /** @type {const} */ ('node'),
  format: /** @type {const} */ ('cjs'),
  target: 'node20',
  external: [...OUTSIDE, './ssh.js'],
};

const TEST_EXTERNAL = [
  'mocha',
  '@vscode/test-electron',
  'ssh2',
  'playwright-core',
  'esbuild',
  'eslint',
  'typescript-eslint',
];
