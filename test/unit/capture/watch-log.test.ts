import assert from 'node:assert/strict';
import { WatchLog } from '../../../extension/capture/watch-log';
import type { InstrumentState } from '../../../extension/probe/session';
import { sinceStart } from '../../../extension/profile/store';

const bursts = (seconds: number, more: Partial<InstrumentState> = {}): InstrumentState => ({
  instrument: 'allocations',
  on: true,
  watchedUs: seconds * 10_000,
  elapsedUs: seconds * 1e6,
  events: seconds * 100,
  value: seconds * 20_480,
  lostEvents: 0,
  lostValue: 0,
  requests: seconds * 10,
  requestScope: 'workers',
  costPercent: 0.2,
  missing: '',
  ...more,
});

const figures = (log: WatchLog, query = sinceStart) => log.figures(query, 2, false);

describe('What an instrument saw', () => {
  it('comes to bytes a request and a second', () => {
    const log = new WatchLog();
    assert.equal(figures(log).perSecond, null);
    log.add(1e6, bursts(1));
    log.add(2e6, bursts(2));
    const { perRequest, perSecond, watchedUs, elapsedUs } = figures(log);
    assert.equal(perRequest, 2048);
    // 2 MB/s while a worker was watched, and there are two of them.
    assert.equal(perSecond, 2 * 2_048_000);
    assert.deepEqual([watchedUs, elapsedUs], [20_000, 2e6]);
  });

  it('is known of any window of time', () => {
    const log = new WatchLog();
    log.add(1e6, bursts(1));
    log.add(2e6, bursts(2, { value: 30_480 }));
    log.add(3e6, bursts(3, { value: 40_480 }));
    const at = (fromUs: number, toUs: number) => figures(log, { fromUs, toUs }).value;
    assert.equal(at(-Infinity, Infinity), 40_480);
    assert.equal(at(1e6 + 1, Infinity), 20_000);
    assert.equal(at(-Infinity, 2e6 + 1), 30_480);
    assert.equal(at(3e6 + 1, Infinity), 0);
  });

  it('has times in which it was not on', () => {
    const log = new WatchLog();
    const off = { on: false };
    log.add(1e6, bursts(0, off));
    log.add(2e6, bursts(0, off));
    log.add(3e6, bursts(1));
    log.add(4e6, bursts(2));
    for (let second = 5; second < 20; second++) log.add(second * 1e6, bursts(2, off));
    log.add(20e6, bursts(1));
    log.add(20.5e6, bursts(1, off));
    log.add(21e6, bursts(0.4));
    assert.deepEqual(log.unwatched(), [
      [0, 2e6],
      [4e6, 19e6],
    ]);
  });

  it('goes on over turning off and on, and over a new probe', () => {
    const log = new WatchLog();
    log.add(1e6, bursts(1));
    log.add(2e6, bursts(2, { on: false }));
    // While it is off the probe says the same again and again.
    for (let second = 3; second < 9; second++) log.add(second * 1e6, bursts(2, { on: false }));
    assert.equal(figures(log).requests, 20);
    // The counts of the probe begin at 0 again, and may be larger than those before by now.
    log.add(9e6, bursts(5));
    assert.equal(figures(log).requests, 70);
    log.add(10e6, bursts(1));
    assert.equal(figures(log).requests, 80);
    log.restart();
    log.add(11e6, bursts(3));
    assert.equal(figures(log).requests, 110);
  });

  it('is forgotten with the samples', () => {
    const log = new WatchLog();
    log.add(1e6, bursts(1));
    log.clear();
    assert.equal(figures(log).value, 0);
    log.add(2e6, bursts(3));
    assert.equal(figures(log).value, 40_960);
  });

  it('has no cost of a request where none can be known', () => {
    const log = new WatchLog();
    log.add(1e6, bursts(1, { requestScope: 'master' }));
    assert.equal(log.figures(sinceStart, 1, false).perRequest, null);
    assert.match(log.figures(sinceStart, 1, false).requestsMissing, /only one of them/);
    assert.equal(log.figures(sinceStart, 2, true).perRequest, 2048);
    const uncounted = new WatchLog();
    uncounted.add(1e6, bursts(1, { requestScope: 'none', requests: 0 }));
    assert.match(figures(uncounted).requestsMissing, /cannot be counted/);
    const few = new WatchLog();
    few.add(1e6, bursts(1, { requests: 9 }));
    assert.equal(figures(few).perRequest, null);
    assert.match(figures(few).requestsMissing, /Only 9 came in/);
  });

  it('has parts that fill its time, with as many bursts each', () => {
    const log = new WatchLog();
    const state = (events: number, value: number) => bursts(1, { events, value, elapsedUs: 1e6 });
    for (let i = 1; i <= 50; i++) log.add(i * 1e6, state(Math.ceil(i / 2) * 10, i * 100));
    const parts = log.parts(sinceStart);
    assert.equal(parts.length, 16);
    assert.deepEqual([parts[0]!.fromUs, parts.at(-1)!.toUs], [-Infinity, Infinity]);
    const sums = parts.map((each) => figures(log, each));
    // 25 bursts, each at an odd second.
    assert.deepEqual([...new Set(sums.map(({ events }) => events))].sort(), [10, 20]);
    assert.equal(
      sums.reduce((sum, { value }) => sum + value, 0),
      figures(log).value,
    );
    for (const [i, { toUs }] of parts.slice(0, -1).entries())
      assert.equal(parts[i + 1]!.fromUs, toUs);
  });

  it('says by how much a request may be off, and nothing where that is as much as it is', () => {
    const log = new WatchLog();
    log.add(1e6, bursts(1));
    log.add(2e6, bursts(2));
    assert.equal(figures(log).perRequestError, 0);
    log.add(3e6, bursts(3, { value: 400_000 }));
    assert.equal(figures(log).perRequest, null);
    assert.match(figures(log).requestsMissing, /too few for what one costs/);
  });
});
