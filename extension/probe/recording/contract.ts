/**
 * All that the rest of the extension knows of recordings; their form is the affair of this folder.
 */
import type { MasterProcess, StartOptions } from '../processes';

/** Hears a session in the words of the wire. */
export interface Dialogue {
  heard(message: Uint8Array): void;
  said(message: Uint8Array): void;
}

export interface Words {
  /** For people: "root@web1", "nginx 1.22.1, worker 1234". */
  readonly host: string;
  readonly target: string;
}

/** Keeps all that a capture hears. */
export interface CaptureRecorder extends Dialogue {
  /** Hears in words for the user what is not kept for want of room. */
  onLeftOut: (text: string) => void;
  /** The user has forgotten the samples so far. */
  reset(): void;
  /** A whole snapshot, as it came. */
  heap(pid: number, pieces: readonly Uint8Array[]): void;
  /**
   * @param words host '': this machine.
   * @param ending why the capture has ended; '': it goes on, or was stopped.
   */
  write(words: Words, ending: string): Uint8Array;
  /** The file's beginning, to which what {@link since} gives is added; `endRecording` ends it. */
  opening(words: Words): Uint8Array;
  /** Blocks of what was recorded, without the first so many. */
  since(blocks: number): readonly Uint8Array[];
}

export interface RecordedHeap {
  readonly pid: number;
  readonly takenUnixMs: number;
}

/** The facts of a recording before it is played. */
export interface Recorded extends Words {
  /** Version of the product that made it. */
  readonly product: string;
  readonly startUnixMs: number;
  readonly savedUnixMs: number;
  /** The options asked for. */
  readonly options: StartOptions;
  /** The traced master; none where the process was no nginx, or only its heap was recorded. */
  readonly masters: readonly MasterProcess[];
  /** Whole heap snapshots, oldest first. */
  readonly heaps: readonly RecordedHeap[];
}
