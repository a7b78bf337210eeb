/** Memory that belongs to code that does not run: it waits, or its time has not come. */
import assert from 'node:assert/strict';
import type { HeapReport } from '../../../extension/analysis/heap';
import { reportOf, takeSnapshot } from '../../fixtures/heap/snapshot';
import { type ParkedNginx, startParked } from '../../fixtures/parked/start';
import { waitFor } from '../../fixtures/wait';
import { keepBusy } from '../nginx';

const MB = 2 ** 20;
const held = (report: HeapReport, owner: string) =>
  report.owners.find(({ name }) => name === owner)?.retainedBytes ?? 0;

function assertAbout(value: number, known: number, what: string): void {
  assert.ok(Math.abs(value / known - 1) < 0.05, `${what}: ${value}, not ${known}`);
}

describe('the heap of a worker whose code waits', function () {
  this.timeout(60_000);
  let nginx: ParkedNginx;
  let report: HeapReport;

  before(async () => {
    nginx = await startParked();
    for (const path of ['/request', '/request', '/threads']) nginx.begin(path);
    report = await waitFor('five stacks to be there', async () => {
      const now = reportOf(await takeSnapshot(nginx.workers()[0]!));
      return held(now, 'waiting') >= 5 * 0.5 * MB && now;
    });
  });
  after(() => nginx.stop());

  it('belongs to the module that set its timers, jobs of a library of timers among them', () => {
    // 500 timers of 8 KB and 16 jobs of 96 KB or more.
    const timers = Array.from({ length: 500 }, (_, i) => `timer${i + 1};`.length * 1000);
    const jobs = Array.from({ length: 16 }, (_, i) => `job${i + 1};`.length * 16384);
    const known = [...timers, ...jobs].reduce((sum, bytes) => sum + bytes + 24, 0);
    assertAbout(held(report, 'later'), known + 500 * 600, 'later');
    assert.ok(held(report, 'wheel') < 10_000, `wheel: ${held(report, 'wheel')}`);
  });

  it('belongs to the module whose function a request or a thread waits in', () => {
    assertAbout(held(report, 'waiting'), 5 * 0.5 * MB, 'waiting');
  });

  it('belongs to the module whose finalizers hold it, not to whom their objects belong', () => {
    const texts = Array.from({ length: 64 }, (_, i) => {
      const part = `finalizer${i + 1};`.length;
      return part * Math.floor((32 * 1024) / 12) + 24;
    });
    const known = texts.reduce((sum, bytes) => sum + bytes, 0);
    assertAbout(held(report, 'cleanup'), known, 'cleanup');
  });

  it('counts buffers and arrays where they are held', () => {
    assertAbout(held(report, 'spool'), 4 * MB + MB + 2 * MB, 'spool');
  });

  it('is found but for a hundredth', () => {
    const share = report.reachedBytes / report.gcTotalBytes;
    assert.ok(share > 0.99 && share < 1.01, `${share}`);
  });
});

describe('the heap of a worker with a VM for each request', function () {
  this.timeout(60_000);
  let nginx: ParkedNginx;

  before(async () => {
    nginx = await startParked(false);
  });
  after(() => nginx.stop());

  it('is never more than its collectors count', async () => {
    const busy = keepBusy(nginx);
    try {
      for (let i = 0; i < 20; i++) {
        const snapshot = await takeSnapshot(nginx.workers()[0]!, '--stop-always');
        if (snapshot.failure !== undefined) {
          assert.match(snapshot.failure, /lua_code_cache off/);
          continue;
        }
        const { reachedBytes, gcTotalBytes } = reportOf(snapshot);
        const share = reachedBytes / gcTotalBytes;
        assert.ok(share > 0.9 && share < 1.02, `${reachedBytes} of ${gcTotalBytes}`);
      }
    } finally {
      await busy.stop();
    }
  });

  it('has what a request holds that waits', async () => {
    nginx.begin('/request');
    await waitFor('the request', async () => {
      const report = reportOf(await takeSnapshot(nginx.workers()[0]!));
      return held(report, 'waiting') > 0.5 * MB;
    });
  });
});
