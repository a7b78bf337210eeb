/**
 * Reads the data types of RFC 4251 section 5 from bytes that nobody vouches for. Throws RangeError
 * where they end too early.
 */
export class WireReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    return this.take(1).readUInt8(0);
  }

  uint32(): number {
    return this.take(4).readUInt32BE(0);
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64BE(0);
  }

  /** Bytes with their length before them; they share memory with what is read. */
  string(): Buffer {
    return this.take(this.uint32());
  }

  /** All that is left. */
  rest(): Buffer {
    return this.take(this.left);
  }

  private take(length: number): Buffer {
    if (length > this.left) throw new RangeError(`${length} bytes announced, ${this.left} left`);
    const piece = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return piece;
  }
}

/** Bytes with their length before them. */
export function wireString(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
