/** Takes apart what the probe's heap/stream.c writes. Pieces may be cut anywhere. */

export interface SnapshotRecords {
  /** 1: copying, 2: reading. */
  progress(stage: number, done: number, total: number): void;
  taken(pauseUs: number, copiedBytes: number): void;
  failure(kind: number, text: string): void;
  /** A piece of a zlib stream. */
  graph(bytes: Uint8Array): void;
}

const MAGIC = 'ACPHEAP1';
const Tag = { progress: 1, taken: 2, failure: 3, graph: 4, end: 5 } as const;
const LONGEST_RECORD = 64 * 1024;

export class RecordReader {
  /** All of it has come. */
  ended = false;
  private rest = new Uint8Array(0);
  private begun = false;

  constructor(private readonly records: SnapshotRecords) {}

  /** @throws Error where the bytes are no snapshot. */
  push(piece: Uint8Array): void {
    const bytes = new Uint8Array(this.rest.length + piece.length);
    bytes.set(this.rest);
    bytes.set(piece, this.rest.length);
    let at = 0;
    if (!this.begun && bytes.length >= MAGIC.length) {
      if (new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC)
        throw new Error('What came is no heap snapshot.');
      this.begun = true;
      at = MAGIC.length;
    }
    for (let used = 1; this.begun && used > 0; at += used) used = this.record(bytes.subarray(at));
    this.rest = bytes.slice(at);
  }

  /** Bytes of a whole record; 0: it has not come yet. */
  private record(bytes: Uint8Array): number {
    const head = numbers(bytes, 1, 1);
    if (bytes.length === 0 || head === undefined) return 0;
    const { values, end } = head;
    const size = values[0]!;
    if (size > LONGEST_RECORD) throw new Error(`A record of ${size} bytes in a heap snapshot.`);
    if (bytes.length < end + size) return 0;
    this.take(bytes[0]!, bytes.subarray(end, end + size));
    return end + size;
  }

  private take(tag: number, payload: Uint8Array): void {
    if (tag === Tag.graph) return this.records.graph(payload.slice());
    if (tag === Tag.end) {
      this.ended = true;
    } else if (tag === Tag.progress) {
      const [stage = 0, done = 0, total = 0] = numbers(payload, 0, 3)?.values ?? [];
      this.records.progress(stage, done, total);
    } else if (tag === Tag.taken) {
      const [pauseUs = 0, copied = 0] = numbers(payload, 0, 2)?.values ?? [];
      this.records.taken(pauseUs, copied);
    } else if (tag === Tag.failure) {
      const head = numbers(payload, 0, 1);
      const text = new TextDecoder().decode(payload.subarray(head?.end ?? 0));
      this.records.failure(head?.values[0] ?? 0, text);
    } else {
      throw new Error(`Record ${tag} of a heap snapshot is not known.`);
    }
  }
}

/** So many varints from `at` on; undefined where they are not all there. */
function numbers(bytes: Uint8Array, at: number, count: number) {
  const values: number[] = [];
  while (values.length < count) {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      if (scale > 2 ** 49) throw new Error('A number without end in a heap snapshot.');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    values.push(value);
  }
  return { values, end: at };
}
