import type { GroupTable, StackTable } from '../engine';
import type { Frame, FunctionInfo, RequestInfo } from '../frames';
import type { Measure } from '../series';

/** The data of an export. Ids are 1-based, so that id k is at index k - 1 of its array. */
export interface ProfileSnapshot {
  readonly functions: readonly FunctionInfo[];
  readonly frames: readonly Frame[];
  /** May be longer than there are stacks. */
  readonly stackParents: Uint32Array;
  readonly stackFrames: Uint32Array;
  readonly samples: StackTable;
  /** The same by phase (label group: index of {@link phases}) and request (its id; 0: none). */
  readonly labelled: GroupTable;
  readonly phases: readonly string[];
  readonly requests: readonly RequestInfo[];
  /** The measure of the weights. */
  readonly measure: Measure;
  /** Wall clock where it begins, Unix milliseconds. */
  readonly startUnixMs: number;
  readonly durationUs: number;
  /**
   * The time that one sample stood for while the rate was highest; 0: each stands for what it says.
   */
  readonly period: number;
}
