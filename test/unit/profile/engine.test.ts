import assert from 'node:assert/strict';
import type { CallTree, ProfileEngine, Query } from '../../../extension/profile/engine';
import { FrameFlag, FrameKind } from '../../../extension/profile/frames';
import { engines } from './engines';

const all: Query = { fromUs: -Infinity, toUs: Infinity };
const u8 = (...values: number[]) => Uint8Array.from(values);
const u32 = (...values: number[]) => Uint32Array.from(values);

/** Adds frames of interpreted Lua given as [function, line, kind, flags]. */
function addFrames(engine: ProfileEngine, ...frames: [number, number, FrameKind?, number?][]) {
  engine.addFrames(
    u32(...frames.map(([fn]) => fn)),
    u8(...frames.map(([, , kind]) => kind ?? FrameKind.Lua)),
    u32(...frames.map(([, line]) => line)),
    u8(...frames.map(([, , , flags]) => flags ?? 0)),
  );
}

/** "function:self/total@line" of each node, indented by depth. */
function show(tree: CallTree): string[] {
  const depth: number[] = [];
  return Array.from(tree.functions, (fn, i) => {
    depth[i] = i === 0 ? 0 : depth[tree.parents[i]!]! + 1;
    return `${' '.repeat(depth[i])}${fn}:${tree.self[i]}/${tree.total[i]}@${tree.lines[i]}`;
  });
}

const inOrder = (functions: number) => Uint32Array.from({ length: functions + 1 }, (_, i) => i);

for (const [name, create] of engines) {
  describe(`${name} engine`, () => {
    let engine: ProfileEngine;
    beforeEach(() => {
      engine = create();
    });

    it('answers with a root alone where there are no samples', async () => {
      const tree = await engine.callTree(all, u32());
      assert.deepEqual(show(tree), ['0:0/0@0']);
      assert.equal(tree.parents[0], -1);
      assert.equal(tree.samples, 0);
      const table = await engine.functionTable(all);
      assert.deepEqual(table.functions, u32());
      assert.deepEqual(table.lineStarts, u32(0));
    });

    it('merges stacks that differ only in lines and keeps the hottest line', async () => {
      addFrames(engine, [1, 10], [1, 12], [2, 5]);
      engine.addStacks(u32(0, 0, 1, 2), u32(1, 2, 3, 3));
      engine.append('cpu', 1000, u32(3, 4, 2), u32(7, 7, 7), u32(3, 1, 1), 100);
      const tree = await engine.callTree(all, inOrder(2));
      assert.deepEqual(show(tree), ['0:0/500@0', ' 1:100/500@10', '  2:400/400@5']);
      assert.equal(tree.samples, 5);
    });

    it('takes the lowest of the hottest lines, an unknown one only without another', async () => {
      addFrames(engine, [1, 12], [1, 10], [1, 0], [2, 0]);
      engine.addStacks(u32(0, 0, 0, 0), u32(1, 2, 3, 4));
      engine.append('cpu', 1, u32(1, 2, 3, 4), u32(7, 7, 7, 7), u32(2, 2, 50, 1), 10);
      const tree = await engine.callTree(all, inOrder(2));
      assert.deepEqual(show(tree), ['0:0/550@0', ' 1:540/540@10', ' 2:10/10@0']);
    });

    it('puts siblings in order of rank, then function, then kind', async () => {
      const { Lua, LuaJit } = FrameKind;
      addFrames(engine, [1, 1, LuaJit], [2, 1, Lua], [3, 1, Lua], [1, 1, Lua]);
      engine.addStacks(u32(0, 0, 0, 0), u32(1, 2, 3, 4));
      engine.append('cpu', 1, u32(1, 2, 3, 4), u32(7, 7, 7, 7), u32(1, 1, 1, 1), 1);
      const tree = await engine.callTree(all, u32(0, 9, 9, 2));
      assert.deepEqual([...tree.functions], [0, 3, 1, 1, 2]);
      assert.deepEqual([...tree.kinds], [0, Lua, Lua, LuaJit, Lua]);
    });

    it('counts a function and a line once per sample, recursion included', async () => {
      addFrames(engine, [1, 10], [2, 20], [1, 11]);
      // 1:10 > 2:20 > 1:10 > 1:11
      engine.addStacks(u32(0, 1, 2, 3), u32(1, 2, 1, 3));
      engine.append('cpu', 1, u32(4, 2), u32(7, 7), u32(2, 1), 10);
      const table = await engine.functionTable(all);
      assert.deepEqual([...table.functions], [1, 2]);
      assert.deepEqual([...table.self], [20, 10]);
      assert.deepEqual([...table.total], [30, 30]);
      assert.deepEqual([...table.lineStarts], [0, 2, 3]);
      assert.deepEqual([...table.lines], [10, 11, 20]);
      assert.deepEqual([...table.lineSelf], [0, 20, 10]);
      assert.deepEqual([...table.lineTotal], [30, 20, 30]);
      assert.equal(table.weight, 30);
      assert.equal(table.samples, 3);
    });

    it('adds interpreted and compiled code of a function up in the table only', async () => {
      addFrames(engine, [1, 3, FrameKind.Lua], [1, 3, FrameKind.LuaJit]);
      engine.addStacks(u32(0, 0), u32(1, 2));
      engine.append('cpu', 1, u32(1, 2), u32(7, 7), u32(1, 2), 10);
      assert.deepEqual([...(await engine.functionTable(all)).total], [30]);
      assert.equal((await engine.callTree(all, inOrder(1))).functions.length, 3);
    });

    it('gives the cost of hidden kinds to the frame below them', async () => {
      addFrames(engine, [1, 1], [2, 0, FrameKind.Kernel], [3, 3]);
      engine.addStacks(u32(0, 1, 2, 0), u32(1, 2, 3, 2));
      engine.append('cpu', 1, u32(2, 3, 4), u32(7, 7, 7), u32(1, 2, 4), 1);
      const query = { ...all, hiddenKinds: 1 << FrameKind.Kernel };
      assert.deepEqual(show(await engine.callTree(query, inOrder(3))), [
        '0:4/7@0',
        ' 1:1/3@1',
        '  3:2/2@3',
      ]);
      const table = await engine.functionTable(query);
      assert.deepEqual([...table.functions], [1, 3]);
      assert.deepEqual([...table.self], [1, 2]);
      assert.equal(table.weight, 7);
    });

    it('keeps samples that have no frame at all', async () => {
      engine.append('cpu', 1, u32(0), u32(7), u32(3), 10);
      const tree = await engine.callTree(all, u32());
      assert.deepEqual(show(tree), ['0:30/30@0']);
      assert.equal(tree.samples, 3);
    });

    it('tells weights and counts of stacks, also where the rate has changed', async () => {
      addFrames(engine, [1, 1]);
      engine.addStacks(u32(0, 0, 1), u32(1, 1, 1));
      engine.append('cpu', 1, u32(0, 3), u32(7, 7), u32(1, 2), 10);
      engine.append('cpu', 2, u32(3, 1), u32(7, 7), u32(1, 0), 5);
      const table = await engine.stackTable(all);
      assert.deepEqual([...table.stacks], [0, 3]);
      assert.deepEqual([...table.weights], [10, 25]);
      assert.deepEqual([...table.counts], [1, 3]);
      assert.equal(table.weight, 35);
      assert.equal(table.samples, 4);
    });

    it('ors the flags of the frames of a node', async () => {
      const { approximate, inlined } = FrameFlag;
      addFrames(engine, [1, 1, FrameKind.LuaJit, approximate], [1, 2, FrameKind.LuaJit, inlined]);
      engine.addStacks(u32(0, 0), u32(1, 2));
      engine.append('cpu', 1, u32(1, 2), u32(7, 7), u32(1, 1), 1);
      assert.equal((await engine.callTree(all, inOrder(1))).flags[1], approximate | inlined);
    });

    it('cuts windows at their first and before their last microsecond', async () => {
      addFrames(engine, [1, 1]);
      engine.addStacks(u32(0), u32(1));
      for (const time of [10, 20, 20, 30]) engine.append('cpu', time, u32(1), u32(7), u32(1), 1);
      const samples = async (fromUs: number, toUs: number) =>
        (await engine.callTree({ fromUs, toUs }, inOrder(1))).samples;
      assert.equal(await samples(10, 20), 1);
      assert.equal(await samples(20, 30), 2);
      assert.equal(await samples(20, Infinity), 3);
      assert.equal(await samples(31, Infinity), 0);
      assert.equal(await samples(25, 15), 0);
    });

    it('tells workers apart', async () => {
      addFrames(engine, [1, 1]);
      engine.addStacks(u32(0), u32(1));
      engine.append('cpu', 1, u32(1, 1, 1), u32(7, 8, 9), u32(1, 2, 4), 1);
      const samples = async (...pids: number[]) =>
        (await engine.callTree({ ...all, pids: u32(...pids) }, inOrder(1))).samples;
      assert.equal(await samples(7, 9), 5);
      assert.equal(await samples(8), 2);
      assert.equal(await samples(1234), 0);
      assert.equal(await samples(), 7);
    });

    it('forgets samples and keeps dictionaries on clear', async () => {
      addFrames(engine, [1, 1]);
      engine.addStacks(u32(0), u32(1));
      engine.append('cpu', 1, u32(1), u32(7), u32(5), 1);
      const asked = engine.callTree(all, inOrder(1));
      engine.clear();
      engine.append('cpu', 2, u32(1), u32(7), u32(2), 1);
      assert.equal((await asked).samples, 5);
      assert.equal((await engine.callTree(all, inOrder(1))).samples, 2);
    });

    it('refuses ids, times and arrays that do not fit, and takes nothing of them in', async () => {
      addFrames(engine, [1, 1]);
      engine.addStacks(u32(0), u32(1));
      engine.append('cpu', 5, u32(1), u32(7), u32(1), 1);
      const bad: (() => void)[] = [
        () => addFrames(engine, [2, 1], [0, 1]),
        () => addFrames(engine, [2 ** 21, 1]),
        () => addFrames(engine, [1, 1, 32 as FrameKind]),
        () => engine.addFrames(u32(1), u8(3, 3), u32(1), u8(0)),
        () => engine.addStacks(u32(0), u32(2)),
        () => engine.addStacks(u32(0), u32(0)),
        () => engine.addStacks(u32(2), u32(1)),
        () => engine.addStacks(u32(0, 0), u32(1)),
        () => engine.append('cpu', 6, u32(1, 2), u32(7, 7), u32(1, 1), 1),
        () => engine.append('cpu', 6, u32(1), u32(7, 7), u32(1), 1),
        () => engine.append('cpu', 4, u32(1), u32(7), u32(1), 1),
        () => engine.append('cpu', NaN, u32(1), u32(7), u32(1), 1),
        () => engine.append('cpu', 6, u32(1), u32(7), u32(1), -1),
        () => engine.append('cpu', 6, u32(1), u32(7), u32(1), 0.5),
        () => engine.append('cpu', 6, u32(1), u32(7), u32(1), Float64Array.of(1)),
      ];
      for (const call of bad) assert.throws(call, RangeError, String(call));
      assert.deepEqual(show(await engine.callTree(all, inOrder(1))), ['0:0/1@0', ' 1:1/1@1']);
    });

    it('rejects queries without ranks for their functions, or without a window', async () => {
      addFrames(engine, [1, 1]);
      engine.addStacks(u32(0), u32(1));
      engine.append('cpu', 5, u32(1), u32(7), u32(1), 1);
      await assert.rejects(engine.callTree(all, u32(0)), RangeError);
      await assert.rejects(engine.callTree({ fromUs: NaN, toUs: 1 }, inOrder(1)), RangeError);
      await assert.rejects(engine.functionTable({ fromUs: 0, toUs: NaN }), RangeError);
    });

    it('stands stacks of any depth', async () => {
      const depth = 200_000;
      addFrames(engine, [1, 1], [2, 2]);
      engine.addStacks(
        Uint32Array.from({ length: depth }, (_, i) => i),
        Uint32Array.from({ length: depth }, (_, i) => (i % 2) + 1),
      );
      engine.append('cpu', 1, u32(depth), u32(7), u32(1), 10);
      const tree = await engine.callTree(all, inOrder(2));
      assert.equal(tree.functions.length, depth + 1);
      assert.equal(tree.total[depth], 10);
      assert.deepEqual([...(await engine.functionTable(all)).total], [10, 10]);
    });
  });
}
