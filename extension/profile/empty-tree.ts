/** The tree of no samples. */
import type { CallTree } from './engine';

export const emptyTree: CallTree = {
  parents: Int32Array.of(-1),
  functions: new Uint32Array(1),
  kinds: new Uint8Array(1),
  flags: new Uint8Array(1),
  self: new Float64Array(1),
  total: new Float64Array(1),
  selfSamples: new Float64Array(1),
  lines: new Uint32Array(1),
  samples: 0,
  frameless: 0,
};
