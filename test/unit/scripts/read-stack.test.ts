import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

const SOURCE = `// A comment that a bundle leaves out.
export function outer(): void {
  inner(3);
}
function inner(value: number): void {
  if (value > 2) throw new Error('as reported');
}
outer();
`;

describe('read-stack', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-stack-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const read = (trace: string) =>
    spawnSync('node', ['scripts/read-stack.mjs', '--maps', folder], {
      input: trace,
      encoding: 'utf8',
    });

  it('finds the lines of the source in the trace of a shipped bundle', async () => {
    const source = join(folder, 'fails.ts');
    writeFileSync(source, SOURCE);
    await build({
      entryPoints: [source],
      outfile: join(folder, 'fails.js'),
      bundle: true,
      minify: true,
      sourcemap: 'external',
      logLevel: 'error',
    });
    const { stderr } = spawnSync('node', [join(folder, 'fails.js')], { encoding: 'utf8' });
    const { stdout, status } = read(stderr);
    assert.equal(status, 0);
    assert.match(stdout, /Error: as reported\n +at .*fails\.ts:6:24.*\n +at .*fails\.ts:3:3/);
    assert.match(stdout, /node:internal/);
  });

  it('says so where no map fits', () => {
    const { stdout, stderr, status } = read('at x (/a/dist/extension.js:1:2)\n');
    assert.equal(stdout, 'at x (/a/dist/extension.js:1:2)\n');
    assert.match(stderr, /No place of the trace/);
    assert.equal(status, 1);
  });
});
