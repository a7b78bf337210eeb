/** Reads what the probe's heap/stream.c writes: numbers as varints, and bytes. */
export class Varints {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** A number below 2^53. @throws where there is none. */
  next(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw new Error(`The heap snapshot ends at byte ${this.at}.`);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
      if (scale > 2 ** 49) throw new Error(`No number at byte ${this.at} of the heap snapshot.`);
    }
  }

  take(length: number): Uint8Array {
    if (length > this.bytes.length - this.at)
      throw new Error(`The heap snapshot ends within ${length} bytes.`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Lua strings are bytes: what is no UTF-8 shows as a replacement. */
  text(length: number): string {
    return length === 0 ? '' : utf8.decode(this.take(length));
  }
}

const utf8 = new TextDecoder();
