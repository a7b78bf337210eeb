import assert from 'node:assert/strict';
import { Profile } from 'pprof-format';
import type { Query } from '../../../extension/profile/engine';
import { foldedLines } from '../../../extension/profile/formats/folded';
import { toPprof } from '../../../extension/profile/formats/pprof';
import { toSpeedscope } from '../../../extension/profile/formats/speedscope';
import { PartialProfile } from '../../../extension/profile/partial';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { batch, emptyBatch, sampleStore } from './sample-profile';
import { engines } from './engines';
import { PERIOD_US, stackRows } from './rows';

const bytesOf = (query: Query = sinceStart): Query => ({ ...query, measure: 'allocated' });

const columns = {
  stacks: [2, 6, 0],
  pids: [100, 101, 100],
  labels: [2, 2, 0],
  // The last row is what remained at the end of a burst: bytes, and no stack of them.
  counts: [3, 1, 0],
  values: [3000, 1024, 76],
};
const rowsOf = (changes: Partial<typeof columns & { requests: number[] }> = {}) =>
  stackRows({ ...columns, ...changes }, 'allocated');
const all = 3000 + 1024 + 76;
const later = { ...emptyBatch, timeUs: 500_000, stacks: [rowsOf()] };

function withAllocations(store = sampleStore()): ProfileStore {
  store.add(later);
  return store;
}

describe('Allocations in a profile', () => {
  for (const [name, newEngine] of engines) {
    it(`are a measure of their own (${name} engine)`, async () => {
      const store = new ProfileStore(newEngine());
      store.beginRun(1_700_000_000_000);
      store.add(batch);
      withAllocations(store);
      const tree = await store.callTree(bytesOf());
      assert.equal(tree.total[0], all);
      assert.equal(tree.samples, 4);
      const cpu = await store.callTree();
      assert.equal(cpu.total[0], 16 * PERIOD_US);
      assert.equal(cpu.samples, 16);
      const table = await store.functionTable(bytesOf());
      const row = table.functions.indexOf(2);
      assert.equal(table.total[row], 3000);
      assert.equal(table.weight, all);
      assert.deepEqual([...(await store.stackTable(bytesOf())).weights], [76, 3000, 1024]);
      const grouped = await store.groupTable(bytesOf(), (labels) => (labels ? 1 : 0));
      assert.deepEqual([...grouped.labelGroups], [0, 1, 1]);
    });
  }

  it('follow windows of time, workers and a reset', async () => {
    const store = withAllocations();
    store.add({ ...later, timeUs: 2_000_000 });
    const total = async (query: Query) => (await store.callTree(query)).total[0];
    assert.equal(await total(bytesOf()), 2 * all);
    assert.equal(await total(bytesOf(store.lastSeconds(1))), all);
    assert.equal(await total(bytesOf({ ...sinceStart, pids: Uint32Array.of(101) })), 2048);
    assert.deepEqual(store.tallies.of('allocated'), { weight: 2 * all, samples: 8 });
    store.reset();
    assert.equal(await total(bytesOf()), 0);
    assert.equal(store.tallies.of('allocated').weight, 0);
  });

  it('have ids that count from 1 again where a probe was started anew', async () => {
    const store = withAllocations();
    store.beginRun(1_700_000_002_000);
    store.add({ ...batch, stacks: [...batch.stacks, rowsOf()] });
    const tree = await store.callTree(bytesOf());
    assert.equal(tree.total[0], 2 * all);
    const table = await store.functionTable(bytesOf());
    assert.equal(table.total[table.functions.indexOf(2)], 6000);
  });

  it('have parts, whose shares are of all bytes', async () => {
    const narrow = async (query: Query) => ({ ...query, stacks: Uint8Array.of(0, 0, 1) });
    const partial = new PartialProfile(withAllocations(), { narrow });
    const tree = await partial.callTree(bytesOf());
    assert.deepEqual([tree.total[0], tree.whole], [3000, all]);
    assert.equal((await partial.snapshot(bytesOf())).samples.weight, 3000);
  });

  it('are refused where they refer to what is not there, and nothing of the batch is kept', () => {
    const cpu = stackRows({ stacks: [1], labels: [1] });
    const bad = [
      rowsOf({ stacks: [2, 6, 99] }),
      rowsOf({ labels: [2, 2, 99] }),
      rowsOf({ requests: [1, 0, 0] }),
      rowsOf({ pids: [1] }),
      rowsOf({ values: [1, 2] }),
      rowsOf({ values: [1, 2, NaN] }),
      rowsOf({ values: [1, 2, -1] }),
      rowsOf({ values: [1, 2, 0.5] }),
    ];
    for (const [, newEngine] of engines)
      for (const rows of bad) {
        const store = new ProfileStore(newEngine());
        store.add(batch);
        assert.throws(() => store.add({ ...later, stacks: [cpu, rows] }), RangeError);
        assert.deepEqual([store.tallies.of('allocated').weight, store.tallies.samples], [0, 16]);
      }
  });

  it('are exported in bytes', async () => {
    const snapshot = await withAllocations().snapshot(bytesOf());
    const lines = [...foldedLines(snapshot)];
    assert.equal(lines[0], '[unknown] 76\n');
    assert.match(lines.join(''), /burn \(\/srv\/kong\/plugins\/burner\/handler\.lua:42\) 3000\n/);
    const [profile] = toSpeedscope(snapshot, 'nginx', 'acupoint 0').profiles;
    assert.deepEqual([profile!.unit, profile!.endValue], ['bytes', all]);
    const pprof = Profile.decode(toPprof(snapshot, 'nginx'));
    const text = (id: unknown) => pprof.stringTable.strings[Number(id)];
    const types = pprof.sampleType.map(({ type, unit }) => `${text(type)}/${text(unit)}`);
    assert.deepEqual(types, ['samples/count', 'alloc_space/bytes']);
    assert.equal(text(pprof.defaultSampleType), 'alloc_space');
    assert.equal(Number(pprof.period), 0);
    const values = pprof.sample.map(({ value }) => Number(value[1]));
    assert.equal(
      values.reduce((sum, value) => sum + value, 0),
      all,
    );
  });
});
