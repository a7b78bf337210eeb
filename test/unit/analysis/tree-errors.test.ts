import assert from 'node:assert/strict';
import { type BurstPart, shareError } from '../../../extension/analysis/burst-errors';
import { treeErrors } from '../../../extension/analysis/tree-errors';
import type { CallTree, Query } from '../../../extension/profile/engine';
import { FrameKind } from '../../../extension/profile/frames';
import { PartialProfile } from '../../../extension/profile/partial';
import { ProfileStore } from '../../../extension/profile/store';
import { randomOf } from '../probe/recording/dialogue';
import { newNativeEngine } from '../profile/engines';
import { stackRows } from '../profile/rows';
import { emptyBatch } from '../profile/sample-profile';

const FUNCTIONS = 9;
const PARTS = 5;
const whole: Query = { measure: 'allocated', fromUs: -Infinity, toUs: Infinity };
const parts = Array.from({ length: PARTS }, (_, i): Query => ({
  ...whole,
  fromUs: i === 0 ? -Infinity : i * 1e6 + 1,
  toUs: i === PARTS - 1 ? Infinity : (i + 1) * 1e6 + 1,
}));

/** Stacks of few functions, recursion included; each part has some of them, none has all. */
function storeOf(seed: number): ProfileStore {
  const random = randomOf(seed);
  const store = new ProfileStore(newNativeEngine());
  store.beginRun(1_700_000_000_000);
  const names = Array.from({ length: FUNCTIONS }, (_, i) => i + 1);
  const stackParents = Uint32Array.from({ length: 60 }, (_, i) => random(i + 1));
  store.add({
    ...emptyBatch,
    functions: names.map((i) => ({ name: `f${random(99)}`, file: `@f${i}`, line: i, lastLine: i })),
    frames: names.map((i) => ({ function: i, kind: FrameKind.Lua, line: 1, flags: 0 })),
    stackParents,
    stackFrames: Uint32Array.from(stackParents, () => 1 + random(FUNCTIONS)),
  });
  for (let part = 1; part <= PARTS; part++) {
    const stacks = Array.from({ length: 8 }, () => random(61));
    const values = stacks.map(() => 1 + random(1e6));
    const rows = stackRows({ stacks, values }, 'allocated');
    store.add({ ...emptyBatch, timeUs: part * 1e6, stacks: [rows] });
  }
  return store;
}

/** Weights by path from the root. */
function byPath(tree: CallTree, of: 'self' | 'total'): Map<string, number> {
  const paths: string[] = [''];
  const weights = new Map([['', tree[of][0]!]]);
  for (let i = 1; i < tree.parents.length; i++) {
    paths[i] = `${paths[tree.parents[i]!]}/${tree.functions[i]}`;
    weights.set(paths[i]!, tree[of][i]!);
  }
  return weights;
}

function near(half: number, expected: number | undefined): void {
  assert.ok(expected !== undefined && Math.abs(half - expected) < 1e-6, `${half}, not ${expected}`);
}

describe('Errors of a tree that was watched in bursts', () => {
  it('are those of the same shares by themselves, for each node and each function', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const store = storeOf(seed);
      const tree = await store.callTree(whole);
      const errors = (await treeErrors(store, tree, parts, FUNCTIONS))!;
      const trees = await Promise.all(parts.map((part) => store.callTree(part)));
      const tables = await Promise.all(parts.map((part) => store.functionTable(part)));
      for (const of of ['total', 'self'] as const) {
        const seen = trees.map((each): BurstPart => ({
          weight: each.total[0]!,
          weights: byPath(each, of),
        }));
        [...byPath(tree, of).keys()].forEach((path, node) =>
          near(errors[of][node]!, shareError(seen, path, tree.samples)?.half),
        );
        const ofFunctions = tables.map((table): BurstPart => {
          const weights = Array.from(table.functions, (id, row) => [`${id}`, table[of][row]!]);
          return { weight: table.weight, weights: new Map(weights as [string, number][]) };
        });
        const halves = of === 'total' ? errors.functionTotal : errors.functionSelf;
        for (let id = 1; id <= FUNCTIONS; id++)
          near(halves[id]!, shareError(ofFunctions, `${id}`, tree.samples)?.half);
      }
    }
  });

  it('are of all bytes where a part of the samples is shown', async () => {
    const store = storeOf(3);
    const mask = Uint8Array.from({ length: 61 }, (_, stack) => stack % 2);
    const half = new PartialProfile(store, { narrow: async (q) => ({ ...q, stacks: mask }) });
    const tree = await half.callTree(whole);
    const errors = (await treeErrors(half, tree, parts, FUNCTIONS))!;
    const seen = await Promise.all(
      parts.map(async (part): Promise<BurstPart> => {
        const { weight } = await store.stackTable(part);
        return { weight, weights: byPath(await half.callTree(part), 'total') };
      }),
    );
    near(errors.total[0]!, shareError(seen, '', tree.wholeSamples!)?.half);
  });

  it('are not known of one burst', async () => {
    const store = storeOf(1);
    const tree = await store.callTree(whole);
    assert.equal(await treeErrors(store, tree, parts.slice(0, 1), FUNCTIONS), undefined);
  });
});
