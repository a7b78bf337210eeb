import assert from 'node:assert/strict';
import { HealthCounts, healthSince, noHealth } from '../../../extension/capture/health';
import { RateMeter } from '../../../extension/capture/rate-meter';
import { findTarget } from '../../../extension/capture/target';
import { Timings, formatTimings } from '../../../extension/capture/timings';
import { parseBootTime } from '../../../extension/capture/worker-clock';
import { master } from './fake-probe';

describe('RateMeter', () => {
  it('says samples per second over the last seconds', () => {
    const meter = new RateMeter();
    assert.equal(meter.perSecond, 0);
    for (let i = 0; i <= 40; i++) meter.add(i * 250_000, i < 20 ? 100 : 25);
    assert.equal(meter.perSecond, 100);
  });

  it('does not divide by a first interval that it does not know', () => {
    const meter = new RateMeter();
    meter.add(250_000, 1000);
    assert.equal(meter.perSecond, 0);
    meter.add(500_000, 25);
    assert.equal(meter.perSecond, 100);
  });
});

describe('healthSince', () => {
  it('takes counts from the base on and the rest as it is', () => {
    const base = { ...noHealth, samples: 10, lost: 2, rateHz: 99 };
    const now = { ...noHealth, samples: 15, lost: 2, rateHz: 49, probeCpuPercent: 0.1 };
    const since = healthSince(now, base);
    assert.deepEqual([since.samples, since.lost, since.rateHz], [5, 0, 49]);
    assert.equal(since.probeCpuPercent, 0.1);
  });

  it('counts ways in which walks ended over two runs of a probe', () => {
    const counts = new HealthCounts();
    counts.heed({ ...noHealth, walkEnds: [0, 10, 2] });
    counts.forget();
    counts.heed({ ...noHealth, walkEnds: [0, 15, 2, 1] });
    assert.deepEqual(counts.now.walkEnds, [0, 5, 0, 1]);
    counts.restart();
    counts.heed({ ...noHealth, walkEnds: [0, 4] });
    assert.deepEqual(counts.now.walkEnds, [0, 9, 0, 1]);
  });
});

describe('Timings', () => {
  it('keeps the first time of each step', () => {
    let now = 0;
    const timings = new Timings(() => now);
    timings.mark('chosen');
    now = 180;
    timings.mark('started');
    now = 640;
    assert.equal(timings.mark('first-paint'), true);
    now = 9000;
    assert.equal(timings.mark('first-paint'), false);
    assert.deepEqual(timings.summary(), { attachMs: 180, firstPaintMs: 640 });
    assert.equal(formatTimings(timings.summary()), 'attach 180 ms, first paint 640 ms');
  });
});

describe('findTarget', () => {
  it('finds a worker with its master, a master, or nothing', () => {
    assert.deepEqual(findTarget([master], { pid: 102 }), { master, worker: master.workers[1] });
    assert.deepEqual(findTarget([master], { master: 100 }), { master });
    assert.equal(findTarget([master], { pid: 100 }), undefined);
    assert.equal(findTarget([master], {}), undefined);
  });
});

describe('parseBootTime', () => {
  it('reads the line and nothing else', () => {
    assert.equal(parseBootTime('btime 1700000000\n'), 1_700_000_000_000);
    assert.equal(parseBootTime('btime x'), undefined);
    assert.equal(parseBootTime(''), undefined);
  });
});
