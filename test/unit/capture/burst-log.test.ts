import assert from 'node:assert/strict';
import { BurstLog } from '../../../extension/capture/burst-log';
import type { AllocationBursts } from '../../../extension/probe/session';
import { sinceStart } from '../../../extension/profile/store';

const bursts = (seconds: number, more: Partial<AllocationBursts> = {}): AllocationBursts => ({
  on: true,
  watchedUs: seconds * 10_000,
  elapsedUs: seconds * 1e6,
  allocations: seconds * 100,
  bytes: seconds * 20_480,
  lostBytes: 0,
  requests: seconds * 10,
  requestScope: 'workers',
  costPercent: 0.2,
  missing: '',
  ...more,
});

const figures = (log: BurstLog, query = sinceStart) => log.figures(query, 2, false);

describe('What bursts saw', () => {
  it('comes to bytes a request and a second', () => {
    const log = new BurstLog();
    assert.equal(figures(log).bytesPerSecond, null);
    log.add(1e6, bursts(1));
    log.add(2e6, bursts(2));
    const { bytesPerRequest, bytesPerSecond, watchedUs, elapsedUs } = figures(log);
    assert.equal(bytesPerRequest, 2048);
    // 2 MB/s while a worker was watched, and there are two of them.
    assert.equal(bytesPerSecond, 2 * 2_048_000);
    assert.deepEqual([watchedUs, elapsedUs], [20_000, 2e6]);
  });

  it('is known of any window of time', () => {
    const log = new BurstLog();
    log.add(1e6, bursts(1));
    log.add(2e6, bursts(2, { bytes: 30_480 }));
    log.add(3e6, bursts(3, { bytes: 40_480 }));
    const at = (fromUs: number, toUs: number) => figures(log, { fromUs, toUs }).bytes;
    assert.equal(at(-Infinity, Infinity), 40_480);
    assert.equal(at(1e6 + 1, Infinity), 20_000);
    assert.equal(at(-Infinity, 2e6 + 1), 30_480);
    assert.equal(at(3e6 + 1, Infinity), 0);
  });

  it('goes on over turning off and on, and over a new probe', () => {
    const log = new BurstLog();
    log.add(1e6, bursts(1));
    log.add(2e6, bursts(2, { on: false }));
    // The counts of the probe begin anew, and may be larger than those before by now.
    log.add(9e6, bursts(5));
    assert.equal(figures(log).requests, 70);
    log.add(10e6, bursts(1));
    assert.equal(figures(log).requests, 80);
    log.restart();
    log.add(11e6, bursts(3));
    assert.equal(figures(log).requests, 110);
  });

  it('is forgotten with the samples', () => {
    const log = new BurstLog();
    log.add(1e6, bursts(1));
    log.clear();
    assert.equal(figures(log).bytes, 0);
    log.add(2e6, bursts(3));
    assert.equal(figures(log).bytes, 40_960);
  });

  it('has no cost of a request where none can be known', () => {
    const log = new BurstLog();
    log.add(1e6, bursts(1, { requestScope: 'master' }));
    assert.equal(log.figures(sinceStart, 1, false).bytesPerRequest, null);
    assert.match(log.figures(sinceStart, 1, false).requestsMissing, /only one of them/);
    assert.equal(log.figures(sinceStart, 2, true).bytesPerRequest, 2048);
    const uncounted = new BurstLog();
    uncounted.add(1e6, bursts(1, { requestScope: 'none', requests: 0 }));
    assert.match(figures(uncounted).requestsMissing, /cannot be counted/);
    const few = new BurstLog();
    few.add(1e6, bursts(1, { requests: 9 }));
    assert.equal(figures(few).bytesPerRequest, null);
    assert.match(figures(few).requestsMissing, /Only 9 came in/);
  });
});
