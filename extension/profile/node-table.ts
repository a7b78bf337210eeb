import { bytes, Column, doubles, words } from './column';

/**
 * Nodes of a call tree while it is built, found by (parent, function, kind). Node 0 is the root.
 * Children are always younger than their parents.
 */
export class NodeTable {
  readonly parents = new Column(words);
  readonly functions = new Column(words);
  readonly kinds = new Column(bytes);
  readonly flags = new Column(bytes);
  readonly self = new Column(doubles);
  readonly samples = new Column(doubles);
  /** Open addressing; 0: empty (the root is never looked for). */
  private slots = new Uint32Array(4096);

  constructor() {
    this.add(0, 0, 0);
  }

  get length(): number {
    return this.parents.length;
  }

  findOrAdd(parent: number, fn: number, kind: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(parent, fn, kind) & mask;
    for (let node = this.slots[slot]!; node !== 0; node = this.slots[slot]!) {
      if (
        this.parents.data[node] === parent &&
        this.functions.data[node] === fn &&
        this.kinds.data[node] === kind
      )
        return node;
      slot = (slot + 1) & mask;
    }
    const node = this.add(parent, fn, kind);
    this.slots[slot] = node;
    if (this.length * 2 > this.slots.length) this.grow();
    return node;
  }

  private add(parent: number, fn: number, kind: number): number {
    this.parents.push(parent);
    this.functions.push(fn);
    this.kinds.push(kind);
    this.flags.push(0);
    this.self.push(0);
    this.samples.push(0);
    return this.length - 1;
  }

  private grow(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    const { parents, functions, kinds } = this;
    for (let node = 1; node < this.length; node++) {
      let slot = hash(parents.data[node]!, functions.data[node]!, kinds.data[node]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = node;
    }
    this.slots = slots;
  }
}

function hash(parent: number, fn: number, kind: number): number {
  let h = Math.imul(parent, 0x9e3779b1) ^ Math.imul(fn * kindFactor + kind, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}

const kindFactor = 32;
