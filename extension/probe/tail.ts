/** The last bytes of a stream of text, for the log and for messages about an unexpected end. */
export class Tail {
  private kept = Buffer.alloc(0);

  constructor(private readonly maxBytes = 16 * 1024) {}

  push(chunk: Uint8Array): void {
    this.kept = Buffer.concat([this.kept, chunk]).subarray(-this.maxBytes);
  }

  get text(): string {
    return this.kept.toString('utf8').trim();
  }
}
