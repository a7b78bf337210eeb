import type { StackTrie } from './stack-trie';

/**
 * The line with the most weight of each node, by node; of equal ones the lowest, 0 where none is
 * known. A node has one function, so its lines are told apart by location id, and one scratch array
 * serves all nodes in turn.
 * @param nodeOf node of each stack; 0: the stack has none of its own (hidden or not sampled).
 * @param totals weight of each stack.
 */
export function hottestLines(
  trie: StackTrie,
  nodeOf: Uint32Array,
  totals: Float64Array,
  nodes: number,
): Uint32Array {
  const lines = new Uint32Array(nodes);
  const frames = trie.stackFrames.data;
  const frameLines = trie.frameLines.data;
  const locations = trie.frameLocations.data;
  const { starts, members } = stacksByNode(nodeOf, nodes);
  const weights = new Float64Array(trie.locationCount + 1);
  for (let node = 1; node < nodes; node++) {
    const start = starts[node]!;
    const end = starts[node + 1]!;
    for (let i = start; i < end; i++)
      weights[locations[frames[members[i]!]!]!]! += totals[members[i]!]!;
    let best = -1;
    for (let i = start; i < end; i++) {
      const frame = frames[members[i]!]!;
      const line = frameLines[frame]!;
      if (line === 0) continue;
      const weight = weights[locations[frame]!]!;
      if (weight > best || (weight === best && line < lines[node]!)) {
        best = weight;
        lines[node] = line;
      }
    }
    for (let i = start; i < end; i++) weights[locations[frames[members[i]!]!]!] = 0;
  }
  return lines;
}

/** Node k owns members[starts[k]] to members[starts[k + 1]]. */
function stacksByNode(nodeOf: Uint32Array, nodes: number) {
  const starts = new Uint32Array(nodes + 2);
  for (const node of nodeOf) starts[node + 2]!++;
  for (let i = 2; i < starts.length; i++) starts[i]! += starts[i - 1]!;
  const members = new Uint32Array(nodeOf.length);
  for (let stack = 0; stack < nodeOf.length; stack++) {
    const node = nodeOf[stack]!;
    members[starts[node + 1]!++] = stack;
  }
  return { starts, members };
}
