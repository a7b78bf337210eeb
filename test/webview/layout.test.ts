import assert from 'node:assert/strict';
import { Boxes, layOut } from '../../webview/graph/layout';
import {
  ancestorsOf,
  heaviestChild,
  nodeAt,
  pathOf,
  prepare,
  resolve,
  type Tree,
} from '../../webview/graph/tree';
import { hotFunctions } from '../../webview/graph/hot';
import { tenths } from '../../extension/profile/shares';
import { CharWidths } from '../../webview/graph/text';
import { treeFromStacks, type StackSpec } from './page/trees';

/** Function ids by order of first appearance. */
function treeOf(stacks: StackSpec[]): { tree: Tree; idOf: Map<string, number> } {
  const idOf = new Map<string, number>();
  const arrays = treeFromStacks(stacks, ({ name }) => {
    if (!idOf.has(name)) idOf.set(name, idOf.size + 1);
    return idOf.get(name)!;
  });
  return { tree: prepare(arrays), idOf };
}

const small: StackSpec[] = [
  { frames: ['lua a', 'lua b'], samples: 30 },
  { frames: ['lua a', 'jit c'], samples: 20 },
  { frames: ['lua a'], samples: 10 },
  { frames: ['kernel k'], samples: 40 },
];

describe('layout of the flame graph', () => {
  it('gives each frame its share of the width, callees from the left of their caller', () => {
    const { tree } = treeOf(small);
    const boxes = new Boxes();
    layOut(tree, { from: 0, to: tree.total[0]! }, 1000, boxes);
    const rows = Array.from({ length: boxes.count }, (_, i) => [
      tree.depths[boxes.nodes[i]!],
      boxes.lefts[i],
      boxes.widths[i],
    ]);
    assert.deepEqual(rows, [
      [0, 0, 1000],
      [1, 0, 600],
      [2, 0, 300],
      [2, 300, 200],
      [1, 600, 400],
    ]);
    assert.equal(boxes.maxDepth, 2);
  });

  it('leaves out what is narrower than half a pixel, with all that it calls', () => {
    const { tree } = treeOf([
      { frames: ['lua wide'], samples: 9_999 },
      { frames: ['lua narrow', 'lua callee'], samples: 1 },
    ]);
    const boxes = new Boxes();
    layOut(tree, { from: 0, to: tree.total[0]! }, 1000, boxes);
    assert.equal(boxes.count, 2);
    layOut(tree, { from: 0, to: tree.total[0]! }, 5000, boxes);
    assert.equal(boxes.count, 4);
  });

  it('shows only what meets the span, and lets wider frames reach beyond it', () => {
    const { tree } = treeOf(small);
    const boxes = new Boxes();
    const weight = tree.total[0]!;
    layOut(tree, { from: 0.3 * weight, to: 0.5 * weight }, 1000, boxes);
    const shown = Array.from({ length: boxes.count }, (_, i) => tree.functions[boxes.nodes[i]!]);
    assert.deepEqual(shown, [0, 1, 3]);
    assert.equal(Math.round(boxes.lefts[0]!), -1500);
    assert.equal(Math.round(boxes.widths[2]!), 1000);
  });

  it('draws nothing of an empty tree', () => {
    const { tree } = treeOf([]);
    const boxes = new Boxes();
    layOut(tree, { from: 0, to: 0 }, 1000, boxes);
    assert.equal(boxes.count, 0);
  });

  it('lays out a stack of 60 000 frames without recursion', () => {
    const size = 60_000;
    const tree = prepare({
      parents: Int32Array.from({ length: size }, (_, i) => i - 1),
      functions: Uint32Array.from({ length: size }, (_, i) => i),
      kinds: new Uint8Array(size),
      flags: new Uint8Array(size),
      self: new Float64Array(size),
      total: new Float64Array(size).fill(1),
      selfSamples: new Float64Array(size),
      lines: new Uint32Array(size),
      samples: 1,
      frameless: 0,
    });
    const boxes = new Boxes();
    layOut(tree, { from: 0, to: 1 }, 1000, boxes);
    assert.equal(boxes.count, size);
    assert.equal(boxes.maxDepth, size - 1);
    assert.equal(ancestorsOf(tree, size - 1).length, size);
  });
});

describe('frames of a tree', () => {
  it('are found again by their path in another tree', () => {
    const { tree, idOf } = treeOf(small);
    const [a, c] = [idOf.get('a')!, idOf.get('c')!];
    const path = pathOf(tree, nodeAt(tree, 2, 350_000));
    assert.deepEqual(path, [
      [a, 3],
      [c, 4],
    ]);
    const { tree: later } = treeOf([...small, { frames: ['lua a', 'lua aa'], samples: 5 }]);
    const found = resolve(later, path);
    assert.equal(found.complete, true);
    assert.equal(later.functions[found.node], c);
    const { tree: without } = treeOf([{ frames: ['lua a'], samples: 1 }]);
    assert.deepEqual(resolve(without, path), { node: 1, complete: false });
  });

  it('are found under a point, and nothing where a frame has only itself', () => {
    const { tree, idOf } = treeOf(small);
    const at = (depth: number, part: number): number => nodeAt(tree, depth, part * tree.total[0]!);
    assert.equal(tree.functions[at(1, 0.59)], idOf.get('a'));
    assert.equal(tree.functions[at(1, 0.61)], idOf.get('k'));
    assert.equal(at(2, 0.55), -1);
    assert.equal(at(2, 0.9), -1);
    assert.equal(at(0, 0.9), 0);
  });

  it('have a heaviest callee', () => {
    const { tree, idOf } = treeOf(small);
    assert.equal(tree.functions[heaviestChild(tree, 0)], idOf.get('a'));
    assert.equal(heaviestChild(tree, tree.size - 1), -1);
  });
});

describe('sums of a tree', () => {
  it('count a recursive function once per stack', () => {
    const { tree, idOf } = treeOf([
      { frames: ['lua f', 'jit g', 'lua f'], samples: 6 },
      { frames: ['lua f', 'lua h'], samples: 4 },
      { frames: ['lua h', 'lua f'], samples: 2 },
    ]);
    const byId = new Map(hotFunctions(tree).map((row) => [row.functionId, row]));
    const f = byId.get(idOf.get('f')!)!;
    assert.equal(f.total, 12 * 10_000);
    assert.equal(f.self, 8 * 10_000);
    assert.equal(byId.get(idOf.get('h')!)!.total, 6 * 10_000);
  });

  it('add up to 100 %', () => {
    const thirds = tenths([1, 1, 1]);
    assert.deepEqual(thirds, [334, 333, 333]);
    assert.deepEqual(tenths([0, 0]), [0, 0]);
  });
});

describe('labels', () => {
  const widths = new CharWidths((text) => text.length);

  it('are cut to the room, with an ellipsis', () => {
    assert.equal(widths.cut('abcdef', 6), 'abcdef');
    assert.equal(widths.cut('abcdef', 5), 'abcd…');
    assert.equal(widths.cut('abcdef', 1), '');
  });

  it('are not cut inside of a character', () => {
    const wide = new CharWidths((text) => [...text].length);
    assert.equal(wide.cut('😀😀😀😀', 3), '😀😀…');
  });
});
