/** The topic `loop`: iterations of event loops, and what held up the long ones. */

export interface LoopCulprit {
  name: string;
  /** "/srv/handler.lua:42", or ''. */
  place: string;
  line: number;
  /** Number that opens its source; -1: there is none. */
  chunk: number;
  /** Of the stall's length, 0 to 1. */
  share: number;
}

export interface LoopStall {
  pid: number;
  /** In microseconds since the capture began. */
  timeUs: number;
  lengthUs: number;
  /** false: it was as long at least. */
  exact: boolean;
  /** By descending share. */
  culprits: LoopCulprit[];
}

export interface LoopMessage {
  type: 'loop';
  iterations: { count: number; p50Us: number; p99Us: number; p999Us: number; maxUs: number };
  /** From so long on an iteration is a stall. */
  stallUs: number;
  /** The longest iteration of each stretch of time; null: none ended in it. */
  strip: { fromUs: number; columnUs: number; longestUs: (number | null)[] };
  /** The longest of them, oldest first. */
  stalls: LoopStall[];
  /** How many there are, and their time together. */
  stallCount: number;
  stalledUs: number;
  /** Parts of each worker's time: it waited for events, or for a CPU. */
  workers: { pid: number; idle: number; queued: number }[];
  startUnixMs: number;
  /** Part of the time in which iterations were counted; null: not known. */
  watched: number | null;
  lost: number;
  on: boolean;
  /** Why something is not known, and what would change that; or ''. */
  missing: string;
}
