import { Transform, type TransformCallback } from 'node:stream';

const MAX_NOISE = 64 * 1024;
const NEWLINE = 10;

/**
 * Lets through the bytes after a line that is a marker and a process id, and nothing else.
 */
export class MarkerGate extends Transform {
  /** Process id of the program, once it is known. */
  pid: number | undefined;
  /** Whether a terminal stands in between. */
  behindTerminal = false;
  private held = Buffer.alloc(0);

  constructor(private readonly marker: string) {
    super();
  }

  /** While there was no such line: the end of what came. Most likely it says why there is none. */
  get noise(): Buffer {
    return this.held;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.pid !== undefined) return done(null, chunk);
    this.held = Buffer.concat([this.held, chunk]);
    const end = this.findMarker();
    if (end === undefined) {
      this.held = this.held.subarray(-MAX_NOISE);
      return done();
    }
    const rest = this.held.subarray(end);
    this.held = Buffer.alloc(0);
    if (rest.length > 0) this.push(rest);
    this.emit('open');
    done();
  }

  /** Where the line of the marker ends, if it is there. */
  private findMarker(): number | undefined {
    const { held, marker } = this;
    for (let at = held.indexOf(marker); at >= 0; at = held.indexOf(marker, at + 1)) {
      if (at > 0 && held[at - 1] !== NEWLINE) continue;
      const end = held.indexOf(NEWLINE, at);
      if (end < 0) return undefined;
      const rest = held.toString('latin1', at + marker.length, end);
      const [, pid, terminal] = /^(\d{1,10})(-tty)?\r?$/.exec(rest) ?? [];
      if (pid === undefined) continue;
      this.pid = Number(pid);
      this.behindTerminal = terminal !== undefined;
      return end + 1;
    }
    return undefined;
  }
}
