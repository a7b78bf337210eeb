import { limits } from './limits';
import { corrupt } from './corrupt';

const MAX_VARINT_BYTES = 5;

/**
 * Cuts a byte stream into messages, each preceded by its length as a protobuf varint. Chunks may be
 * cut anywhere. Bytes are copied once, into the message they belong to. Throws ProbeError
 * 'corrupt-stream' for a length that nothing honest sends; the reader is of no use after that.
 */
export class FrameReader {
  private length = 0;
  private lengthBytes = 0;
  private body: Uint8Array | undefined;
  private filled = 0;

  constructor(private readonly maxBytes: number = limits.messageBytes) {}

  /** True within a message: a stream that ends now was cut. */
  get inMessage(): boolean {
    return this.lengthBytes > 0 || this.body !== undefined;
  }

  /**
   * Hands each message that this chunk completes to `message`, which owns the bytes from then on.
   */
  push(chunk: Uint8Array, message: (bytes: Uint8Array) => void): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.body === undefined) {
        at = this.readLength(chunk, at);
      } else {
        const taken = Math.min(this.body.length - this.filled, chunk.length - at);
        this.body.set(chunk.subarray(at, at + taken), this.filled);
        this.filled += taken;
        at += taken;
      }
      if (this.body !== undefined && this.filled === this.body.length) {
        const whole = this.body;
        this.body = undefined;
        this.filled = 0;
        message(whole);
      }
    }
  }

  private readLength(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length) {
      const byte = chunk[at++] ?? 0;
      // Multiplication, not a shift: five bytes hold more than 32 bits.
      this.length += (byte & 0x7f) * 2 ** (7 * this.lengthBytes);
      this.lengthBytes++;
      if (byte < 0x80) {
        if (this.length > this.maxBytes)
          throw corrupt(`framing: a message of ${this.length} bytes`);
        this.body = new Uint8Array(this.length);
        this.length = 0;
        this.lengthBytes = 0;
        return at;
      }
      if (this.lengthBytes === MAX_VARINT_BYTES) throw corrupt('framing: a length without end');
    }
    return at;
  }
}

/** A message with its length before it. */
export function frame(message: Uint8Array): Uint8Array {
  const head: number[] = [];
  let rest = message.length;
  while (rest >= 0x80) {
    head.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  head.push(rest);
  const framed = new Uint8Array(head.length + message.length);
  framed.set(head);
  framed.set(message, head.length);
  return framed;
}
