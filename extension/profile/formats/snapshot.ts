import type { StackTable } from '../engine';
import type { Frame, FunctionInfo } from '../frames';

/** What an export is made of. Ids are 1-based, so that id k is at index k - 1 of its array. */
export interface ProfileSnapshot {
  readonly functions: readonly FunctionInfo[];
  readonly frames: readonly Frame[];
  /** May be longer than there are stacks. */
  readonly stackParents: Uint32Array;
  readonly stackFrames: Uint32Array;
  readonly samples: StackTable;
  /** Wall clock where it begins, Unix milliseconds. */
  readonly startUnixMs: number;
  readonly durationUs: number;
  /** On-CPU microseconds that one sample stood for while the rate was highest. */
  readonly periodUs: number;
}
