import { Transform, type TransformCallback } from 'node:stream';

const MAX_NOISE = 64 * 1024;

/**
 * Lets through what comes after a marker. What came before it, at most its last 64 KiB, is handed to
 * `noise` when the stream ends without the marker: most likely it says why there was none.
 */
export class MarkerGate extends Transform {
  private held: Buffer | undefined = Buffer.alloc(0);

  constructor(
    private readonly marker: string,
    private readonly noise: (held: Buffer) => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.held === undefined) return done(null, chunk);
    const held = Buffer.concat([this.held, chunk]);
    const at = held.indexOf(this.marker);
    if (at < 0) {
      this.held = held.subarray(-MAX_NOISE);
      return done();
    }
    this.held = undefined;
    const rest = held.subarray(at + this.marker.length);
    if (rest.length > 0) this.push(rest);
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.held !== undefined && this.held.length > 0) this.noise(this.held);
    done();
  }
}
