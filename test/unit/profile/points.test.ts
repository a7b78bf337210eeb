import assert from 'node:assert/strict';
import { PointLog } from '../../../extension/profile/points';
import type { PointRows, SeriesInfo } from '../../../extension/profile/rows';
import { sinceStart } from '../../../extension/profile/store';
import { batch, emptyBatch, sampleStore } from './sample-profile';

const info: SeriesInfo = {
  name: 'jit.vms',
  instrument: 'jit',
  shape: 'points',
  unit: 'count',
  estimated: false,
  keys: [
    { name: 'traces', number: true },
    { name: 'flushes', number: true },
  ],
};

const rows = (...timesUs: number[]): PointRows => ({
  series: info.name,
  pids: Uint32Array.from(timesUs, (_, i) => 100 + i),
  timesUs: Float64Array.from(timesUs),
  numbers: Float64Array.from(timesUs.flatMap((time) => [time, -time])),
  texts: [],
  stacks: new Uint32Array(),
});

describe('Points', () => {
  it('are of a window of time and of some processes', () => {
    const log = new PointLog(info);
    log.append(1000, { ...rows(1, 2), texts: ['a', ''] });
    const table = log.table(sinceStart);
    assert.deepEqual(table.timesUs, [1001, 1002]);
    assert.deepEqual(table.pids, [100, 101]);
    assert.deepEqual(Object.fromEntries(table.numbers), { traces: [1, 2], flushes: [-1, -2] });
    assert.deepEqual([table.texts, table.stacks, table.dropped], [['a', ''], [0, 0], 0]);
    assert.deepEqual(log.table({ fromUs: 1002, toUs: Infinity }).timesUs, [1002]);
    assert.deepEqual(log.table({ fromUs: 0, toUs: 1002 }).timesUs, [1001]);
    assert.deepEqual(log.table({ ...sinceStart, pids: Uint32Array.of(101) }).timesUs, [1002]);
  });

  it('are the latest ones, and how many are not kept is known', () => {
    const log = new PointLog(info, 100);
    for (let time = 0; time < 1000; time++) log.append(0, rows(time));
    const { timesUs, dropped } = log.table(sinceStart);
    assert.ok(timesUs.length >= 100 && timesUs.length <= 125, `${timesUs.length}`);
    assert.equal(timesUs.at(-1), 999);
    assert.equal(timesUs.length + dropped, 1000);
    log.clear();
    assert.deepEqual([log.table(sinceStart).timesUs, log.table(sinceStart).dropped], [[], 0]);
  });

  it('refuse columns that do not fit', () => {
    const log = new PointLog(info);
    for (const changes of [
      { timesUs: new Float64Array() },
      { numbers: Float64Array.of(1) },
      { texts: ['a', 'b'] },
      { stacks: Uint32Array.of(1, 2) },
    ])
      assert.throws(() => log.append(0, { ...rows(1), ...changes }), RangeError);
    assert.deepEqual(log.table(sinceStart).timesUs, []);
  });

  it('go on over a second run, whose times and stacks begin anew', () => {
    const store = sampleStore();
    store.add({
      ...emptyBatch,
      timeUs: 300_000,
      series: [info],
      points: [{ ...rows(5), stacks: Uint32Array.of(8) }],
    });
    store.beginRun(1_700_000_002_000);
    const points = [{ ...rows(5), stacks: Uint32Array.of(1) }];
    store.add({ ...batch, series: [info], points });
    const { timesUs, stacks } = store.points('jit.vms')!.table(sinceStart);
    assert.deepEqual(
      [timesUs, stacks],
      [
        [5, 2_000_005],
        [8, 9],
      ],
    );
    assert.deepEqual(
      store.series.map(({ name }) => name),
      ['jit.vms'],
    );
    const other = { ...info, unit: 'bytes' };
    assert.throws(() => store.add({ ...emptyBatch, timeUs: 9e6, series: [other] }), RangeError);
    const late = { ...rows(1), stacks: Uint32Array.of(99) };
    assert.throws(() => store.add({ ...emptyBatch, timeUs: 9e6, points: [late] }), RangeError);
    const unknown = { ...rows(1), series: 'x' };
    assert.throws(() => store.add({ ...emptyBatch, timeUs: 9e6, points: [unknown] }), RangeError);
    store.reset();
    assert.deepEqual(store.points('jit.vms')!.table(sinceStart).timesUs, []);
    assert.equal(store.table('jit.vms'), undefined);
  });
});
