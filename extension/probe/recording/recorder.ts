/** Keeps what a capture had, as it came, to be written as a file at any time. */
import { hostname } from 'node:os';
import { block } from './blocks';
import type { CaptureRecorder, Words } from './contract';
import { FIRST_LINE, headerRecord, Kind, markRecord, record, type Mark } from './format';

/** Most memory that a recording takes; README.md says how much of a capture that is. */
const MOST_BYTES = 256 * 1024 * 1024;
/**
 * The bytes that are compressed at once, a millisecond's work, and lost at once where a file is
 * damaged.
 */
const BLOCK_BYTES = 16 * 1024;

export class Recorder implements CaptureRecorder {
  /** Together with a first and a last one they are the file. */
  private readonly blocks: Uint8Array[] = [];
  private blockBytes = 0;
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private fullSince: number | undefined;
  onLeftOut: (text: string) => void = () => undefined;

  constructor(
    private readonly mostBytes = MOST_BYTES,
    private readonly now: () => number = Date.now,
  ) {}

  heard(message: Uint8Array): void {
    this.add(record(Kind.heard, message));
  }

  said(message: Uint8Array): void {
    this.add(record(Kind.said, message));
  }

  reset(): void {
    this.mark({ event: 'reset', at: this.now() });
  }

  heap(pid: number, pieces: readonly Uint8Array[]): void {
    const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (this.fullSince !== undefined || this.bytes + bytes > this.mostBytes) {
      const left = megabytes(this.mostBytes - this.bytes);
      return this.onLeftOut(
        `The heap snapshot of worker ${pid} has ${megabytes(bytes)} and is not in the recording, ` +
          `which has room for ${left} more.`,
      );
    }
    this.mark({ event: 'heap', at: this.now(), pid });
    this.pack();
    // They are compressed already.
    for (const piece of pieces) this.add(record(Kind.heap, piece), 0);
    this.pack(0);
    this.mark({ event: 'heap-end', at: this.now() });
  }

  /** How much memory it takes. */
  get bytes(): number {
    return this.blockBytes + this.waitingBytes;
  }

  write(words: Words, ending: string): Uint8Array {
    const opening = this.opening(words);
    const blocks = this.since(0);
    const at = this.fullSince ?? this.now();
    const text = this.fullSince === undefined ? ending : this.fullText();
    return Buffer.concat([opening, ...blocks, endOf(at, text)]);
  }

  opening(words: Words): Uint8Array {
    // "This machine" would be another one to whoever opens it.
    const host = words.host === '' ? hostname() : words.host;
    const header = headerRecord({ ...words, host, savedUnixMs: this.now() });
    return block(Buffer.concat([Buffer.from(FIRST_LINE), header]));
  }

  since(blocks: number): readonly Uint8Array[] {
    this.pack();
    return this.blocks.slice(blocks);
  }

  private mark(mark: Mark): void {
    this.add(markRecord(mark));
  }

  private add(bytes: Uint8Array, level?: number): void {
    if (this.fullSince !== undefined) return;
    if (this.bytes + bytes.length > this.mostBytes) {
      this.pack();
      this.fullSince = this.now();
      return this.onLeftOut(`${this.fullText()} What is shown goes on; save the recording now.`);
    }
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    if (this.waitingBytes >= BLOCK_BYTES) this.pack(level);
  }

  private pack(level?: number): void {
    if (this.waiting.length === 0) return;
    const packed = block(Buffer.concat(this.waiting), level);
    this.waiting = [];
    this.waitingBytes = 0;
    this.blocks.push(packed);
    this.blockBytes += packed.length;
  }

  private fullText(): string {
    return `The recording has reached ${megabytes(this.mostBytes)} and takes no more.`;
  }
}

/** A recording that was written piece by piece, with why the capture ended; '': it was stopped. */
export function endRecording(file: Uint8Array, text: string): Uint8Array {
  return Buffer.concat([file, endOf(Date.now(), text)]);
}

function endOf(at: number, text: string): Uint8Array {
  return block(markRecord({ event: 'end', at, text }));
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
