import assert from 'node:assert/strict';
import { lensTitle, lineText } from '../../../extension/editor/format';
import { chunkShares, needsTree, rowsByChunk } from '../../../extension/editor/shares';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { FrameKind, type FunctionInfo } from '../../../extension/profile/frames';

const info = (name: string, file: string, line: number): FunctionInfo => ({
  name,
  file,
  line,
  lastLine: line + 5,
});

const all = { fromUs: -Infinity, toUs: Infinity };

/** Stacks from the root as "id:line id:line", each with its samples. */
async function profile(functions: FunctionInfo[], stacks: Record<string, number>) {
  const engine = new TypeScriptEngine();
  let frames = 0;
  let nodes = 0;
  const leaves: number[] = [];
  for (const text of Object.keys(stacks)) {
    let parent = 0;
    for (const step of text.split(' ')) {
      const [id = 0, line = 0] = step.split(':').map(Number);
      engine.addFrames(
        Uint32Array.of(id),
        Uint8Array.of(FrameKind.Lua),
        Uint32Array.of(line),
        Uint8Array.of(0),
      );
      engine.addStacks(Uint32Array.of(parent), Uint32Array.of(++frames));
      parent = ++nodes;
    }
    leaves.push(parent);
  }
  const counts = Uint32Array.from(Object.values(stacks));
  engine.append(
    'cpu',
    1,
    Uint32Array.from(leaves),
    new Uint32Array(leaves.length).fill(9),
    counts,
    1000,
  );
  const ranks = new Uint32Array(functions.length + 1);
  const table = await engine.functionTable(all);
  const tree = await engine.callTree(all, ranks);
  return { table, tree, rows: rowsByChunk(table, functions) };
}

describe('shares of a chunk', () => {
  it('are of all samples, self and total', async () => {
    const functions = [info('a', '@/a.lua', 1), info('b', '@/a.lua', 10), info('k', '', 0)];
    const { table, rows, tree } = await profile(functions, {
      '1:2 2:12': 30,
      '1:3': 10,
      '3:0': 60,
    });
    const shares = chunkShares(table, functions, rows.get('@/a.lua')!, tree);
    assert.deepEqual(
      shares.functions.map(({ line, total, self }) => [line, total, self]),
      [
        [1, 0.4, 0.1],
        [10, 0.3, 0.3],
      ],
    );
    assert.deepEqual(
      shares.lines.map(({ line, total, self }) => [line, total, self]),
      [
        [2, 0.3, 0],
        [3, 0.1, 0.1],
        [12, 0.3, 0.3],
      ],
    );
  });

  it('count a location once per sample, recursion included', async () => {
    const functions = [info('f', '@/a.lua', 1)];
    const { table, rows, tree } = await profile(functions, { '1:2 1:2 1:3': 5, '1:3': 5 });
    const { functions: found, lines } = chunkShares(table, functions, rows.get('@/a.lua')!, tree);
    assert.equal(found[0]?.total, 1);
    assert.deepEqual(
      lines.map(({ line, total }) => [line, total]),
      [
        [2, 0.5],
        [3, 1],
      ],
    );
  });

  it('merge functions of one line without counting a sample twice', async () => {
    // Two functions that begin in one line, the second within the first; once the second alone.
    const functions = [info('outer', '@/a.lua', 4), info('inner', '@/a.lua', 4)];
    const { table, rows, tree } = await profile(functions, { '1:4 2:4': 60, '2:4': 20, '1:5': 20 });
    const own = rows.get('@/a.lua')!;
    assert.equal(needsTree(table, functions, own), true);
    const shares = chunkShares(table, functions, own, tree);
    assert.equal(shares.functions.length, 1);
    assert.equal(shares.functions[0]?.total, 1);
    assert.equal(shares.functions[0]?.self, 1);
    // In line 4: 80 of 100. The part that the two have in common is not known, and never more is
    // said.
    const line = shares.lines.find((each) => each.line === 4);
    assert.deepEqual(line, { line: 4, total: 0.8, self: 0.8, atLeast: true });
  });

  it('are empty without samples', async () => {
    const { table } = await profile([], {});
    assert.deepEqual(chunkShares(table, [], [], undefined), { functions: [], lines: [] });
  });
});

describe('what the editor says', () => {
  it('puts shares in words', () => {
    const shares = { total: 0.1234, self: 0.041 };
    assert.equal(lensTitle(shares, { kind: 'fresh' }), '12.3 % CPU · 4.1 % self');
    assert.equal(
      lensTitle(shares, { kind: 'stale', why: 'file changed since the worker loaded it' }),
      '12.3 % CPU · 4.1 % self · stale: file changed since the worker loaded it',
    );
    assert.equal(lineText(shares), '12.3 % · 4.1 % self');
    assert.equal(lineText({ total: 0.1234, self: 0.1234 }), '12.3 %');
    assert.equal(lineText({ total: 0.1234, self: 0 }), '12.3 %');
    assert.equal(lineText({ total: 0.1234, self: 0, atLeast: true }), '≥ 12.3 %');
  });
});
