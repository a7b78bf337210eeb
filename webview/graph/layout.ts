/**
 * Which frames are to be drawn, and where: a flat walk that passes over what is too narrow to be
 * seen.
 */
import type { Tree } from './tree';

/** Part of the root's width that is shown, in units of weight; `to` is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Boxes in preorder, as arrays of one length of which the first `count` entries are in use. */
export class Boxes {
  count = 0;
  /** Deepest row with a box. */
  maxDepth = 0;
  nodes = new Int32Array(4096);
  /** Left edge and width in CSS pixels; they reach beyond the canvas where the frame does. */
  lefts = new Float32Array(4096);
  widths = new Float32Array(4096);

  reserve(): void {
    const room = this.nodes.length * 2;
    const grow = <T extends Int32Array | Float32Array>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.nodes = grow(new Int32Array(room), this.nodes);
    this.lefts = grow(new Float32Array(room), this.lefts);
    this.widths = grow(new Float32Array(room), this.widths);
  }
}

/** Narrower frames are left out, with all that they call. */
export const MIN_WIDTH = 0.5;

/**
 * Lays the tree out over `width` CSS pixels. One pass, no recursion (stacks are deep and trees
 * hostile), no allocation but when the boxes outgrow their arrays.
 */
export function layOut(tree: Tree, span: Span, width: number, boxes: Boxes): void {
  boxes.count = 0;
  boxes.maxDepth = 0;
  const scale = width / (span.to - span.from);
  if (!Number.isFinite(scale) || scale <= 0) return;
  const { starts, total, ends, depths, size } = tree;
  const minWeight = MIN_WIDTH / scale;
  for (let i = 0; i < size;) {
    const weight = total[i]!;
    const start = starts[i]!;
    if (weight < minWeight || start >= span.to || start + weight <= span.from) {
      i = ends[i]!;
      continue;
    }
    if (boxes.count === boxes.nodes.length) boxes.reserve();
    const box = boxes.count++;
    boxes.nodes[box] = i;
    boxes.lefts[box] = (start - span.from) * scale;
    boxes.widths[box] = weight * scale;
    if (depths[i]! > boxes.maxDepth) boxes.maxDepth = depths[i]!;
    i++;
  }
}
