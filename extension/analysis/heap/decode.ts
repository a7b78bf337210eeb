/** Builds the graph from what the probe's heap/walk.c writes; that file says how it is laid out. */
import {
  type Amount,
  type CType,
  Edge,
  type HeapGraph,
  ObjectType,
  type Prototype,
  type VmInfo,
} from './graph';
import { Growing } from './growing';
import { Varints } from './varints';

/** More is not believed: the stream comes from another machine. */
const MOST_OBJECTS = 100_000_000;
/**
 * Bytes that an object and a reference take at the height of the analysis: their columns here, twice
 * while they grow, and those of owners, levels, dominators and what is divided (counted in the code).
 */
const OBJECT_BYTES = 160;
const EDGE_BYTES = 28;
/** A text or a prototype: its entry in a map; two bytes a character come on top. */
const ENTRY_BYTES = 160;
/** A look at the account is worth it only now and then. */
const LOOK_EVERY = 1024;
const LARGEST = 2 ** 32 - 1;
/** Entries that are an object of another type, with a list more than they had once. */
const withList: Readonly<Record<number, number>> = {
  13: ObjectType.thread,
  14: ObjectType.userdata,
};
const LAST_TYPE = ObjectType.userdata;

/** The snapshot, taken apart, would take more memory than it may. */
export class HeapTooLarge extends Error {
  constructor(readonly mostBytes: number) {
    super(`The analysis would take more than ${mostBytes} bytes.`);
    this.name = 'HeapTooLarge';
  }
}

/**
 * @param mostBytes of memory that the graph and its analysis may take, `bytes` included.
 * @throws HeapTooLarge, or Error where the bytes contradict themselves.
 */
export function decodeHeap(bytes: Uint8Array, mostBytes = Infinity): HeapGraph {
  return new Decoder(bytes, mostBytes).decode();
}

class Decoder {
  private readonly input: Varints;
  private given = 0;
  private written = 0;
  private readonly types = Growing.bytes();
  private readonly sizes = Growing.words();
  private readonly details = Growing.words();
  private readonly firstEdge = Growing.words();
  private readonly targets = Growing.words();
  private readonly labels = Growing.integers();
  private readonly parents = Growing.words();
  private readonly parentLabels = Growing.integers();
  private readonly texts = new Map<number, string>();
  private readonly prototypes = new Map<number, Prototype>();
  private readonly vms: VmInfo[] = [];
  private readonly slots = { array: 0, arrayUsed: 0, hash: 0, hashUsed: 0 };

  private entryBytes: number;

  constructor(
    bytes: Uint8Array,
    private readonly mostBytes: number,
  ) {
    this.input = new Varints(bytes);
    this.entryBytes = bytes.length;
    // Number 0 is no object.
    for (const column of [this.types, this.sizes, this.details, this.parents, this.parentLabels])
      column.push(0);
    this.firstEdge.push(0);
  }

  decode(): HeapGraph {
    for (;;) {
      const type = this.input.next();
      if (type === 2) break;
      this.object(type);
    }
    if (this.written !== this.given)
      throw new Error(`${this.given} objects are referred to and ${this.written} are there.`);
    const unreached = this.unreached();
    const ctypes = this.ctypes();
    this.lateTexts();
    this.firstEdge.push(this.targets.length);
    return {
      count: this.written,
      edgeCount: this.targets.length,
      types: this.types.array,
      sizes: this.sizes.array,
      details: this.details.array,
      firstEdge: this.firstEdge.array,
      targets: this.targets.array,
      labels: this.labels.array,
      parents: this.parents.array,
      parentLabels: this.parentLabels.array,
      texts: this.texts,
      prototypes: this.prototypes,
      vms: this.vms,
      unreached,
      ctypes,
      tableSlots: this.slots,
    };
  }

  private object(entry: number): void {
    const id = ++this.written;
    const type = withList[entry] ?? entry;
    if (type === ObjectType.vm) this.give(0, 0);
    if (id > this.given || id > MOST_OBJECTS)
      throw new Error(`Object ${id} of ${this.given} is one too many.`);
    if (id % LOOK_EVERY === 0) this.checkSize();
    this.types.push(type);
    this.firstEdge.push(this.targets.length);
    const [size, detail] = this.body(id, type);
    if (type !== entry) this.list(id, type === ObjectType.thread ? Edge.frame : Edge.content);
    this.sizes.push(Math.min(size, LARGEST));
    this.details.push(Math.min(detail, LARGEST));
  }

  /** Size and detail. */
  private body(id: number, type: number): [number, number] {
    const { input } = this;
    switch (type) {
      case ObjectType.vm:
        return [this.vm(id), 0];
      case ObjectType.string:
        return this.string(id);
      case ObjectType.upvalue:
        this.edge(id, input.next(), Edge.upvalue);
        return [0x30, 0];
      case ObjectType.thread: {
        const size = input.next();
        this.edge(id, input.next(), Edge.env);
        this.list(id, Edge.stack);
        return [size, 0];
      }
      case ObjectType.proto:
        return [this.prototype(id), 0];
      case ObjectType.function:
        return this.function(id);
      case ObjectType.trace: {
        const size = input.next();
        this.list(id, Edge.traceConstant);
        return [size, 0];
      }
      case ObjectType.cdata: {
        const size = input.next();
        const ctype = input.next() & 0xffff;
        return [size, ctype + (input.next() === 0 ? 0 : 2 ** 31)];
      }
      case ObjectType.table:
        return this.table(id);
      case ObjectType.userdata: {
        const size = input.next();
        input.next();
        this.edge(id, input.next(), Edge.metatable);
        this.edge(id, input.next(), Edge.env);
        return [size, 0];
      }
      default:
        throw new Error(`Objects of type ${type} are not known.`);
    }
  }

  private vm(id: number): number {
    const { input } = this;
    this.vms.push({
      id,
      total: input.next(),
      threshold: input.next(),
      phase: input.next(),
    });
    const outside = input.next();
    for (let kind = input.next(); kind !== 0; kind = input.next())
      this.edge(id, input.next(), Edge.root - Math.min(kind, 100));
    return outside;
  }

  private string(id: number): [number, number] {
    const length = this.input.next();
    const shown = this.input.next();
    if (shown > 0) {
      this.texts.set(id, this.input.text(shown) + (shown < length ? '…' : ''));
      this.entryBytes += ENTRY_BYTES + 2 * shown;
    }
    // As LuaJIT rounds it since 2020; before that it was up to three bytes less.
    return [24 + ((length + 4) & ~3), 0];
  }

  private prototype(id: number): number {
    const { input } = this;
    const size = input.next();
    const firstLine = input.next();
    const lines = input.next();
    const chunkName = this.edge(id, input.next(), Edge.chunkName);
    this.edge(id, input.next(), Edge.trace);
    const upvalueNames: string[] = [];
    for (let left = input.next(); left > 0; left--) {
      if (left > 255) throw new Error(`A function with ${left} upvalues.`);
      upvalueNames.push(input.text(input.next()));
    }
    this.entryBytes += ENTRY_BYTES * (1 + upvalueNames.length);
    this.prototypes.set(id, { id, chunkName, firstLine, lines, upvalueNames });
    this.list(id, Edge.constant);
    return size;
  }

  private function(id: number): [number, number] {
    const { input } = this;
    const size = input.next();
    const kind = input.next();
    this.edge(id, input.next(), Edge.env);
    if (kind === 0) this.edge(id, input.next(), Edge.proto);
    const upvalues = input.next();
    if (upvalues > 255) throw new Error(`A function with ${upvalues} upvalues.`);
    for (let index = 0; index < upvalues; index++)
      this.edge(id, input.next(), Edge.firstUpvalue - index);
    return [size, kind];
  }

  private table(id: number): [number, number] {
    const { input, slots } = this;
    const size = input.next();
    input.next();
    const array = input.next();
    const hash = input.next();
    this.edge(id, input.next(), Edge.metatable);
    this.list(id, Edge.array);
    for (let code = input.next(); code !== 0; code = input.next()) {
      const key = this.edge(id, code, Edge.hash);
      this.edge(id, input.next(), key);
    }
    this.list(id, Edge.hash);
    const arrayUsed = input.next();
    const hashUsed = input.next();
    slots.array += array;
    slots.arrayUsed += arrayUsed;
    slots.hash += hash;
    slots.hashUsed += hashUsed;
    return [size, Math.max(0, array - arrayUsed) * 8 + Math.max(0, hash - hashUsed) * 24];
  }

  private list(from: number, label: number): void {
    for (let code = this.input.next(); code !== 0; code = this.input.next())
      this.edge(from, code, label);
  }

  /** The object that a reference leads to; 0: none. */
  private edge(from: number, code: number, label: number): number {
    if (code === 0) return 0;
    const to = code === 1 ? this.give(from, label) : this.given - (code - 2);
    if (to < 1) throw new Error(`A reference to object ${to}.`);
    if (this.targets.length % LOOK_EVERY === 0) this.checkSize();
    this.targets.push(to);
    this.labels.push(label);
    return to;
  }

  private checkSize(): void {
    const objects = Math.max(this.written, this.given) * OBJECT_BYTES;
    const bytes = objects + this.targets.length * EDGE_BYTES + this.entryBytes;
    if (bytes > this.mostBytes) throw new HeapTooLarge(this.mostBytes);
  }

  private give(from: number, label: number): number {
    this.parents.push(from);
    this.parentLabels.push(label);
    return ++this.given;
  }

  private unreached(): Map<number, Amount> {
    const result = new Map<number, Amount>();
    for (let type: number = ObjectType.string; type <= LAST_TYPE; type++) {
      const count = this.input.next();
      const bytes = this.input.next();
      if (count > 0) result.set(type, { count, bytes });
    }
    return result;
  }

  private lateTexts(): void {
    if (this.input.next() !== 4) throw new Error('The texts are missing.');
    for (let id = this.input.next(); id !== 0; id = this.input.next()) {
      if (this.types.array[id] !== ObjectType.string)
        throw new Error(`A text of object ${id}, which is no string.`);
      this.string(id);
    }
  }

  private ctypes(): CType[] {
    const result: CType[] = [];
    if (this.input.next() !== 3) throw new Error('The C types are missing.');
    for (let left = Math.min(this.input.next(), 65536); left > 0; left--) {
      const info = this.input.next();
      const size = this.input.next();
      result.push({ info, size, name: this.input.text(this.input.next()) });
    }
    return result;
  }
}
