import { Transform, type TransformCallback } from 'node:stream';

const MAX_NOISE = 64 * 1024;
const NEWLINE = 10;

/**
 * Lets through the bytes after a line of a marker and a process id. When the stream ends without
 * that line, hands the bytes before it, at most the last 64 KiB, to `noise`: most likely they say
 * why there was none.
 */
export class MarkerGate extends Transform {
  /** Process id of the program, once it is known. */
  pid: number | undefined;
  private held = Buffer.alloc(0);

  constructor(
    private readonly marker: string,
    private readonly noise: (held: Buffer) => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.pid !== undefined) return done(null, chunk);
    this.held = Buffer.concat([this.held, chunk]);
    const at = this.held.indexOf(this.marker);
    const end = at < 0 ? -1 : this.held.indexOf(NEWLINE, at);
    if (end < 0) {
      this.held = this.held.subarray(-MAX_NOISE);
      return done();
    }
    this.pid = Number(this.held.toString('latin1', at + this.marker.length, end));
    const rest = this.held.subarray(end + 1);
    this.held = Buffer.alloc(0);
    if (rest.length > 0) this.push(rest);
    this.emit('open');
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.held.length > 0) this.noise(this.held);
    done();
  }
}
