import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLoad } from '../../fixtures/gateway/load';
import type { HeapReport } from '../../../extension/analysis/heap';
import { knownHoldings } from '../../fixtures/heap/known';
import { reportOf, startSnapshot, takeSnapshot } from '../../fixtures/heap/snapshot';
import { startHeapGateway } from '../../fixtures/heap/start';
import { waitFor } from '../../fixtures/wait';
import { probePath, runProbe } from '../binary';
import type { Nginx } from '../nginx';

const SNAPSHOTS = 20;

function statusOf(pid: number, field: string): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
}

function stands(pid: number): boolean {
  return /^[tT]/.test(statusOf(pid, 'State'));
}

/** It answers, and is traced by nobody. */
async function runsOn(nginx: Nginx, worker: number, timeoutMs: number): Promise<void> {
  await waitFor('the worker to run on', () => !stands(worker), { timeoutMs, everyMs: 5 });
  assert.equal(statusOf(worker, 'TracerPid'), '0');
  await nginx.load();
}

/** Within 5 % each, and 95 % or more of all is found. */
function assertKnown(report: HeapReport, scale: number): void {
  const found = Object.fromEntries(report.owners.map((row) => [row.name, row.retainedBytes]));
  for (const [plugin, known] of Object.entries(knownHoldings(scale))) {
    const ratio = (found[plugin] ?? 0) / known;
    assert.ok(Math.abs(ratio - 1) < 0.05, `${plugin}: ${found[plugin]}, not ${known}`);
  }
  const share = report.reachedBytes / report.gcTotalBytes;
  assert.ok(share >= 0.95 && share <= 1.01, `${share} of the collector's total`);
  const sum = report.owners.reduce((all, row) => all + row.retainedBytes, 0);
  assert.equal(sum, report.reachedBytes);
}

describe('acupoint-probe heap', function () {
  this.timeout(120_000);

  describe('of a small gateway', () => {
    const scale = 10;
    let nginx: Nginx;
    let worker: number;

    before(async () => {
      nginx = await startHeapGateway(scale);
      worker = nginx.workers()[0]!;
    });

    after(() => nginx.stop());

    for (const [what, ...more] of [['asleep'], ['stopped', '--stop-always']] as const) {
      it(`knows what each plugin of a worker holds that was ${what}`, async () => {
        const snapshot = await takeSnapshot(worker, ...more);
        const report = reportOf(snapshot);
        assert.ok(what === 'asleep' || snapshot.pauseMs > 0, `${snapshot.pauseMs} ms`);
        assertKnown(report, scale);
        await runsOn(nginx, worker, 1000);
      });
    }

    it('tells the way to what is held', async () => {
      const report = reportOf(await takeSnapshot(worker));
      const texts = report.largest.find((row) => row.owner === 'strings');
      assert.equal(texts?.path.at(-1), 'upvalue texts');
      assert.ok(report.cdata.some((row) => row.type === 'acupoint_block_t' && row.count === 1000));
      const bytes = report.tree.bytes.reduce((all, each) => all + each, 0);
      const garbage = report.owners.find((row) => row.name === 'garbage (freed at the next GC)');
      assert.equal(bytes + (garbage?.retainedBytes ?? 0), report.reachedBytes);
    });

    it('says who holds what has grown', async () => {
      const before = reportOf(await takeSnapshot(worker));
      for (let i = 0; i < 200; i++) await nginx.load();
      const after = reportOf(await takeSnapshot(worker));
      const held = (report: typeof before) =>
        report.owners.find((row) => row.name === 'leak')?.retainedBytes ?? 0;
      assert.ok(held(after) - held(before) > 200 * 100, `${held(before)}, then ${held(after)}`);
    });

    it('fails no request under load, and knows the same then', async () => {
      const load = startLoad(nginx.port, { perSecond: 200, connections: 4 });
      try {
        await nginx.load();
        for (let i = 0; i < SNAPSHOTS; i++) {
          assertKnown(reportOf(await takeSnapshot(worker, '--stop-always')), scale);
        }
      } finally {
        const { answered, failed } = await load.stop();
        assert.equal(failed, 0);
        assert.ok(answered > SNAPSHOTS, `${answered} answers`);
      }
      const log = readFileSync(join(nginx.prefix, 'error.log'), 'utf8');
      assert.doesNotMatch(log, /\[(alert|crit|emerg)\]/);
      assert.equal(nginx.workers()[0], worker);
    });

    it('refuses where there is no Lua, and no such process', async () => {
      const noLua = await runProbe(['heap', '--pid', String(process.ppid)]);
      assert.match(noLua.stderr, /no Lua VM was found/);
      const gone = await runProbe(['heap', '--pid', '4194303']);
      assert.match(gone.stderr, /Process 4194303 is gone/);
    });
  });

  describe('of a large gateway', () => {
    let nginx: Nginx;
    let worker: number;

    before(async () => {
      nginx = await startHeapGateway(250);
      worker = nginx.workers()[0]!;
    });

    after(() => nginx.stop());

    it('refuses a pause above the limit and says what it would be', async () => {
      const { stderr } = await runProbe([
        'heap',
        '--pid',
        String(worker),
        '--max-pause-ms',
        '5',
        '--stop-always',
      ]);
      assert.match(stderr, /would have to stand for about \d+ ms for \d+ MB.* limit is 5 ms/);
      await runsOn(nginx, worker, 1000);
    });

    it('leaves the worker running when it is killed while the worker stands', async () => {
      let seen = 0;
      for (let i = 0; i < 20 && seen < 3; i++) {
        const { child, snapshot } = startSnapshot(worker, '--stop-always');
        while (!stands(worker) && child.exitCode === null) await new Promise(setImmediate);
        // Held still, so that what follows is certain to be in the middle.
        child.kill('SIGSTOP');
        if (stands(worker)) seen++;
        child.kill('SIGKILL');
        await runsOn(nginx, worker, 1000);
        await snapshot;
      }
      assert.equal(seen, 3, `caught in the middle ${seen} times`);
    });

    it('leaves the worker running when it is itself held while the worker stands', async () => {
      const { child, snapshot } = startSnapshot(worker, '--stop-always', '--max-pause-ms', '400');
      while (!stands(worker) && child.exitCode === null) await new Promise(setImmediate);
      child.kill('SIGSTOP');
      assert.ok(stands(worker), 'it was too late');
      await runsOn(nginx, worker, 1500);
      assert.match((await snapshot).failure ?? '', /SIGKILL/);
    });

    it('ends with whoever started it', async () => {
      const { spawn } = await import('node:child_process');
      const command = `${probePath()} heap --pid ${worker} --stop-always | sleep 60`;
      const shell = spawn('sh', ['-c', command], { stdio: 'ignore' });
      await waitFor('the worker to stand', () => stands(worker), { everyMs: 1 });
      shell.kill('SIGKILL');
      await runsOn(nginx, worker, 1000);
    });
  });
});
