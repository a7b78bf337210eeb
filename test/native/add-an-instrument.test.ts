/** Follows docs/add-an-instrument.md block by block in a copy of the probe, and runs the test of its last step. */
import assert from 'node:assert/strict';
import { execFile, type ExecFileOptions } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { repositoryRoot } from '../fixtures/root';
import { probePath } from './binary';

const MOCHA = ['node_modules/mocha/bin/mocha.js', '--timeout', '60000', '--exit'];
const execute = promisify(execFile);

/** Throws what the program has said. */
async function run(program: string, args: string[], options: ExecFileOptions = {}) {
  try {
    await execute(program, args, options);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    assert.fail(`${stdout}\n${stderr}`);
  }
}

const tsc = join(repositoryRoot, 'node_modules/typescript/bin/tsc');

interface Block {
  readonly path: string;
  /** The text goes before the first line that holds this. */
  readonly before: string | undefined;
  /** The text is an entry of this table. With neither, it is the whole file. */
  readonly table: string | undefined;
  readonly text: string;
}

/** Code blocks whose opening line names a file. */
function blocksOf(page: string): Block[] {
  const pattern = /^```\w+ (\S+?)(?: before "([^\n]*)")?(?: in "([^\n]*)")?\n(.*?)^```$/gms;
  return [...page.matchAll(pattern)].map(([, path = '', before, table, text = '']) => ({
    path,
    before,
    table,
    text,
  }));
}

function apply(root: string, { path, before, text }: Block): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  if (before === undefined) return writeFileSync(file, text);
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes(before));
  assert.ok(at >= 0, `${path} has no line with ${before}`);
  lines.splice(at, 0, ...text.trimEnd().split('\n'));
  writeFileSync(file, lines.join('\n'));
}

/** All that the steps need, and all that was built, so that only the rest is built again. */
function copyParts(root: string): void {
  for (const part of ['package.json', 'native/wire', 'native/probe', 'extension', 'test'])
    cpSync(join(repositoryRoot, part), join(root, part), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !/\/build\/(test|.*-(debug|tempt))$|\/(recordings|corpus)$/.test(path),
    });
  symlinkSync(join(repositoryRoot, 'node_modules'), join(root, 'node_modules'));
}

/** Includes that go up. */
function violations(probe: string): Promise<string> {
  const script = join(repositoryRoot, 'scripts/check/rooms.mjs');
  return new Promise((resolve) =>
    execFile('node', [script, probe], (_error, _stdout, stderr) => resolve(stderr)),
  );
}

describe('docs/add-an-instrument.md', function () {
  this.timeout(180_000);
  let root: string;
  // Where its fixtures find the repository.
  const test = join(repositoryRoot, 'out/native/faults');
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'acupoint-instrument-'));
    copyParts(root);
  });
  after(() => {
    rmSync(root, { recursive: true });
    rmSync(test, { recursive: true, force: true });
  });

  const page = readFileSync(join(repositoryRoot, 'docs/add-an-instrument.md'), 'utf8');
  const blocks = blocksOf(page);

  it('names all that the table of series asks for', async () => {
    const [entry] = blocks.filter(({ table }) => table === 'stackSeries');
    assert.ok(entry, 'The page has no entry.');
    const file = join(root, dirname(entry.path), 'entry.ts');
    const entryType = "Omit<StackSeries, 'name'> & { name: string }";
    writeFileSync(
      file,
      `import type { StackSeries } from './series';
       export const entries: Record<string, ${entryType}> = {${entry.text}};`,
    );
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'preserve'];
    const options = [...flags, '--target', 'es2023', '--types', 'node', '--ignoreConfig'];
    await run('node', [tsc, ...options, file]);
  });

  it('adds an instrument that tells the truth', async () => {
    for (const block of blocks) if (block.table === undefined) apply(root, block);
    const probe = join(root, 'native/probe');
    assert.doesNotMatch(await violations(probe), /faults/);
    await run('make', ['-s', '-C', probe]);
    const [truth] = blocks.filter(({ path }) => path.endsWith('.test.ts'));
    assert.ok(truth, 'The page has no test.');
    await build({
      entryPoints: [join(root, truth.path)],
      outfile: join(test, 'faults.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      logLevel: 'warning',
    });
    const ACUPOINT_PROBE = probePath().replace(repositoryRoot, root);
    await run('node', [...MOCHA, join(test, 'faults.js')], {
      cwd: repositoryRoot,
      env: { ...process.env, ACUPOINT_PROBE },
    });
  });
});
