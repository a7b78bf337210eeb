import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dominatorTree } from '../../../../extension/analysis/heap/dominators';

function graphOf(nodes: number, edges: readonly (readonly [number, number])[]) {
  const firstEdge = new Uint32Array(nodes + 1);
  const targets: number[] = [];
  for (let node = 0; node < nodes; node++) {
    targets.push(...edges.filter(([from]) => from === node).map(([, to]) => to));
    firstEdge[node + 1] = targets.length;
  }
  return { nodes, firstEdge, targets: Uint32Array.from(targets) };
}

/** Returns the nodes that node 0 leads to when `without` is taken away. */
function reached(nodes: number, edges: readonly (readonly [number, number])[], without: number) {
  const seen = new Set(without === 0 ? [] : [0]);
  for (let grew = true; grew;) {
    const before = seen.size;
    for (const [from, to] of edges) if (seen.has(from) && to !== without) seen.add(to);
    grew = seen.size > before && seen.size < nodes;
  }
  return seen;
}

describe('dominatorTree', () => {
  it('agrees with taking each node away', () => {
    const graphs = fc.integer({ min: 1, max: 12 }).chain((nodes) => {
      const node = fc.integer({ min: 0, max: nodes - 1 });
      return fc.tuple(fc.constant(nodes), fc.array(fc.tuple(node, node), { maxLength: 30 }));
    });
    fc.assert(
      fc.property(graphs, ([nodes, edges]) => {
        const { dominators, order } = dominatorTree(graphOf(nodes, edges));
        const all = reached(nodes, edges, -1);
        assert.deepEqual(new Set(order), all);
        const without = Array.from({ length: nodes }, (_, node) => reached(nodes, edges, node));
        for (const node of all) {
          if (node === 0) continue;
          const above = [...all].filter((other) => other !== node && !without[other]!.has(node));
          // The nearest one is dominated by all the others.
          const nearest = above.find((one) =>
            above.every((other) => other === one || !without[other]!.has(one)),
          );
          assert.equal(dominators[node], nearest);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('follows a list of a million without a stack of its own', () => {
    const nodes = 1_000_000;
    const firstEdge = Uint32Array.from({ length: nodes + 1 }, (_, i) => Math.min(i, nodes - 1));
    const targets = Uint32Array.from({ length: nodes - 1 }, (_, i) => i + 1);
    const { dominators } = dominatorTree({ nodes, firstEdge, targets });
    assert.equal(dominators[nodes - 1], nodes - 2);
  });
});
