import assert from 'node:assert/strict';
import { GroupingRules } from '../../../../extension/analysis/grouping';
import { decodeHeap, makeHeapReport } from '../../../../extension/analysis/heap';
import { treeGrowth } from '../../../../extension/analysis/heap/compare';
import { fromHeapPage } from '../../../../extension/views/heap/from-page';
import { heapMessage } from '../../../../extension/views/heap/message';
import { SourceList } from '../../../../extension/views/heap/source-list';
import { WorkerSnapshots } from '../../../../extension/views/heap/snapshots';
import { twoPlugins } from '../../analysis/heap/snapshot';

const report = makeHeapReport(decodeHeap(twoPlugins), new GroupingRules());
const taken = { pauseMs: 1, copiedBytes: 100, report };
const kept = (changes: Partial<typeof report> = {}, id = 1) => ({
  ...taken,
  report: { ...report, ...changes },
  id,
  takenAt: 1000 * id,
});
const messageOf = (shown: ReturnType<typeof kept>, compared?: ReturnType<typeof kept>) =>
  heapMessage('worker 7', [shown], shown, compared, new SourceList());

describe('heapMessage', () => {
  it('has owners and a tree that add up to what was found', () => {
    const { facts, tables, tree } = messageOf(kept());
    const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);
    const owners = tables.owners.rows;
    assert.equal(sum(owners.map(({ bytes }) => bytes)), facts.reachedBytes);
    const garbage = owners.find(({ name }) => name === 'garbage (freed at the next GC)')!;
    assert.equal(sum(tree.bytes) + garbage.bytes, facts.reachedBytes);
    const types = tables.types.rows.filter(({ part }) => !part);
    assert.equal(sum(types.map(({ bytes }) => bytes)), facts.reachedBytes);
    assert.ok(tree.frames.every(({ source }) => source >= -1));
  });

  it('is bounded, says what is left out, and still adds up', () => {
    const owners = Array.from({ length: 2000 }, (_, i) => ({
      name: `owner ${i} ${'x'.repeat(1000)}`,
      kind: 'other' as const,
      retainedBytes: 2000 - i,
      objects: 1,
    }));
    const modules = owners.map((row) => ({ ...row, owner: 'a' }));
    const { tables } = messageOf(kept({ owners, modules }));
    assert.equal(tables.owners.rows.length, 500);
    assert.equal(tables.owners.left, 1501);
    const bytes = tables.owners.rows.reduce((all, row) => all + row.bytes, 0);
    assert.equal(bytes, (2000 * 2001) / 2);
    assert.equal(tables.modules.left, 1500);
    assert.ok(tables.modules.rows.every(({ name }) => name.length <= 300));
  });

  it('says what was before, where that is known', () => {
    const less = report.owners.filter(({ name }) => name !== 'b');
    const before = kept({ owners: less, functionCount: 1000 });
    const { owners, functions, largest } = messageOf(kept({}, 2), before).tables;
    const past = Object.fromEntries(owners.rows.map((row) => [row.name, row.before]));
    assert.equal(past['b'], 0);
    assert.equal(past['a'], 64 + 1000);
    // Both lists have only what holds most.
    assert.ok(functions.rows.every((row) => row.before === null));
    assert.ok(largest.rows.every((row) => row.before === row.bytes));
    const gone = messageOf(before, kept({}, 2)).tables.owners.rows.at(-1)!;
    assert.deepEqual([gone.name, gone.bytes, gone.before], ['b', 0, 64 + 1000]);
  });
});

describe('treeGrowth', () => {
  it('has the nodes of both, each with what it had', () => {
    const { tree } = report;
    const same = treeGrowth(tree, tree);
    assert.deepEqual(same.before, same.bytes);
    const none = { parents: [-1], places: [0], frames: tree.frames, bytes: [0], smallestBytes: 9 };
    assert.ok(treeGrowth(none, tree).before.every((bytes) => bytes === 0));
    const gone = treeGrowth(tree, none);
    assert.ok(gone.bytes.every((bytes) => bytes === 0));
    const sum = (values: readonly number[]) => values.reduce((all, each) => all + each, 0);
    assert.equal(sum(gone.before), sum(tree.bytes));
    assert.ok(gone.parents.every((parent, node) => parent < node));
  });
});

describe('WorkerSnapshots', () => {
  it('compares a new one with the one that is shown', () => {
    const all = new WorkerSnapshots();
    all.add(taken, false, 1);
    all.add(taken, true, 2);
    assert.deepEqual([all.shown?.id, all.compared?.id], [2, 1]);
    all.add(taken, false, 3);
    assert.deepEqual([all.shown?.id, all.compared?.id], [3, undefined]);
    assert.equal(all.previous?.id, 2);
  });

  it('always compares the later with the earlier, and with what is there', () => {
    const all = new WorkerSnapshots();
    for (let i = 0; i < 3; i++) all.add(taken, false, i);
    all.choose(1, 3);
    assert.deepEqual([all.shown?.id, all.compared?.id], [3, 1]);
    all.choose(2, 2);
    assert.deepEqual([all.shown?.id, all.compared?.id], [2, undefined]);
    all.choose(99, 1);
    assert.equal(all.shown?.id, 2);
  });

  it('has those of a recording in the order in which they were taken, each once', () => {
    const all = new WorkerSnapshots();
    for (const at of [500, 100, 500]) all.add(taken, true, at);
    assert.deepEqual(
      all.all.map(({ takenAt }) => takenAt),
      [100, 500],
    );
    assert.deepEqual([all.shown?.takenAt, all.compared?.takenAt], [500, undefined]);
    all.choose(2, 1);
    assert.deepEqual([all.shown?.takenAt, all.compared?.takenAt], [500, 100]);
  });

  it('keeps some, and those that are looked at', () => {
    const all = new WorkerSnapshots();
    for (let i = 0; i < 30; i++) all.add(taken, true, i);
    assert.equal(all.all.length, 12);
    assert.ok(all.shown !== undefined && all.compared !== undefined);
  });
});

describe('fromHeapPage', () => {
  it('takes what the page says and nothing else', () => {
    for (const said of [
      { type: 'ready' },
      { type: 'choose', shown: 2, compared: null },
      { type: 'choose', shown: 2, compared: 1 },
      { type: 'source', source: 3, toSide: true },
      { type: 'action', action: 'compare' },
      { type: 'copy', text: 'frame' },
    ])
      assert.deepEqual(fromHeapPage(said), said);
    for (const wrong of [
      null,
      'ready',
      { type: 'choose', shown: -1, compared: null },
      { type: 'choose', shown: 1 },
      { type: 'source', source: 1.5 },
      { type: 'action', action: 'toString' },
      { type: 'copy', text: 'x'.repeat(2 ** 20 + 1) },
      { type: 'other' },
    ])
      assert.equal(fromHeapPage(wrong), undefined);
  });
});
