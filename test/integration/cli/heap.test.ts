import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesText } from '../../../extension/profile/bytes';
import { startHeapGateway } from '../../fixtures/heap/start';
import type { Nginx } from '../../native/nginx';
import { run } from './command';

interface Summary {
  pauseMs: number;
  copiedBytes: number;
  gcTotalBytes: number;
  reachedBytes: number;
  owners: { name: string; kind: string; retainedBytes: number; objects: number }[];
}

interface Since {
  heldGrowth: number;
  uncollectedGrowth: number;
  owners: { name: string; kind: string; before: number; after: number; growth: number }[];
}

describe('acupoint heap', function () {
  this.timeout(60_000);
  let nginx: Nginx;
  let pid: string;
  let folder: string;

  before(async () => {
    nginx = await startHeapGateway(10);
    pid = String(nginx.workers()[0]);
    folder = await mkdtemp(join(tmpdir(), 'acupoint-heap-'));
  });

  after(async () => {
    await nginx.stop();
    await rm(folder, { recursive: true });
  });

  it('says for machines who holds how much', async () => {
    const { code, stdout, stderr } = await run('heap', '--pid', pid, '--json');
    assert.equal(code, 0, stderr);
    const summary = JSON.parse(stdout) as Summary;
    assert.deepEqual(Object.keys(summary), [
      'pauseMs',
      'copiedBytes',
      'gcTotalBytes',
      'reachedBytes',
      'owners',
    ]);
    const sum = summary.owners.reduce((all, row) => all + row.retainedBytes, 0);
    assert.equal(sum, summary.reachedBytes);
    assert.ok(summary.reachedBytes / summary.gcTotalBytes > 0.95);
    assert.deepEqual(
      summary.owners.slice(0, 2).map(({ name, kind }) => [name, kind]),
      [
        ['strings', 'plugin'],
        ['tables', 'plugin'],
      ],
    );
  });

  it('prints a table with its sum, and writes a flame graph in bytes', async () => {
    const file = join(folder, 'heap.folded');
    const { code, stdout, stderr } = await run('heap', '--pid', pid, '--folded', file);
    assert.equal(code, 0, stderr);
    const known = JSON.parse((await run('heap', '--pid', pid, '--json')).stdout) as Summary;
    const strings = known.owners.find(({ name }) => name === 'strings')?.retainedBytes ?? 0;
    assert.match(stdout, new RegExp(`^strings +plugin +${bytesText(strings)} `, 'm'));
    assert.match(stdout, new RegExp(`^sum +${bytesText(known.reachedBytes)} +100\\.0 +\\d+$`, 'm'));
    const folded = await readFile(file, 'utf8');
    assert.match(folded, /^strings;kong\.plugins\.strings\.handler;.*upvalue texts.* \d+$/m);
  });

  it('compares two snapshots: what is held first, in agreement with both tables', async () => {
    const [first, second] = ['first', 'second'].map((name) => join(folder, `${name}.acupoint`));
    for (const file of [first!, second!]) {
      const { code, stderr } = await run('heap', '--pid', pid, '--out', file);
      assert.equal(code, 0, stderr);
      if (file === first) for (let i = 0; i < 300; i++) await nginx.load();
    }
    const tables: Summary[] = [];
    for (const file of [first!, second!])
      tables.push(JSON.parse((await run('heap', '--from', file, '--json')).stdout) as Summary);
    const compared = await run('heap', first!, second!, '--json');
    assert.equal(compared.code, 0, compared.stderr);
    const { since } = JSON.parse(compared.stdout) as { since: Since };
    for (const { name, kind, before, after, growth } of since.owners) {
      const [was, is] = tables.map(
        ({ owners }) =>
          owners.find((row) => row.name === name && row.kind === kind)?.retainedBytes ?? 0,
      );
      assert.deepEqual([before, after, growth], [was, is, is! - was!], name);
    }
    const [was, is] = tables.map((table) => table.reachedBytes);
    assert.equal(since.heldGrowth + since.uncollectedGrowth, is! - was!);
    const held = since.owners.filter(({ name }) => name !== 'garbage (freed at the next GC)');
    assert.equal(
      held.reduce((sum, { growth }) => sum + growth, 0),
      since.heldGrowth,
    );
    const { stdout } = await run('heap', '--from', second!, '--compare', first!);
    const said = stdout.slice(stdout.indexOf('grown since')).split('\n');
    assert.match(said[1]!, /^leak +plugin /);
    assert.match(stdout, /^held in all /m);
    const alone = await run('heap', '--from', first!, '--compare', first!);
    assert.match(alone.stderr, /no earlier snapshot of worker/);
  });

  it('groups by rules', async () => {
    const { stdout } = await run('heap', '--pid', pid, '--group', 'mine=plugins/(strings|tables)/');
    assert.match(stdout, /^mine +plugin/m);
    assert.doesNotMatch(stdout, /^strings +plugin/m);
  });

  it('says what to do where the worker is not there', async () => {
    const { code, stderr } = await run('heap', '--pid', '4194303');
    assert.equal(code, 1);
    assert.match(stderr, /Process 4194303 is gone\. Choose another worker\./);
  });
});
