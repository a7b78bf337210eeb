// Maps a stack trace of the shipped bundles back to the sources.
//
//   node scripts/read-stack.mjs [--maps FOLDER] [FILE]     reads FILE, else standard input
//
// FOLDER holds the source maps of the build that the trace is from: `npm run package` leaves them in
// out/maps, and dist/ (the default) has those of the last build. Lines without a place stay as they are.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Of a file in dist/ or dist/webview/, with any path before it. */
const PLACE = /[^\s()]*?\b((?:webview\/)?[\w-]+\.js):(\d+):(\d+)/g;

const { values, positionals } = parseArgs({
  options: { maps: { type: 'string', default: join(root, 'dist') } },
  allowPositionals: true,
});
const { maps: folder } = values;
/** @type {Map<string, SourceMap | undefined>} */
const maps = new Map();
let found = 0;
process.stdout.write(readFileSync(positionals[0] ?? 0, 'utf8').replaceAll(PLACE, mapped));
if (found === 0) {
  console.error(`No place of the trace is in the source maps of ${folder}.`);
  process.exitCode = 1;
}

/**
 * @param {string} text
 * @param {string} bundle
 * @param {string} line
 * @param {string} column
 */
function mapped(text, bundle, line, column) {
  const entry = mapOf(bundle)?.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry === undefined || !('originalSource' in entry)) return text;
  found++;
  const source = relative(root, join(root, 'dist', dirname(bundle), entry.originalSource));
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/** @param {string} bundle */
function mapOf(bundle) {
  if (!maps.has(bundle)) {
    const path = join(folder, `${bundle}.map`);
    maps.set(
      bundle,
      existsSync(path) ? new SourceMap(JSON.parse(readFileSync(path, 'utf8'))) : undefined,
    );
  }
  return maps.get(bundle);
}
