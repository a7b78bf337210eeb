/** Says what a capture is, how well it goes and what it costs: sent with each change. */
import type { Measure } from '../profile/series';
import type { FocusedRow } from './report';

export type CaptureState =
  'idle' | 'connecting' | 'choosing' | 'attaching' | 'running' | 'paused' | 'stopped' | 'failed';

export interface StatusMessage {
  type: 'status';
  state: CaptureState;
  /** "This machine", "user@host" */
  host: string;
  /** "nginx 1.22.1, worker 1234", "Kong 3.9.1, 4 workers" */
  target: string;
  pids: number[];
  /** In force. */
  rateHz: number;
  askedHz: number;
  /** Why the one is not the other. */
  rateLimit: 'none' | 'sampler' | 'budget';
  /** How many times its period a sample stands for. */
  sampleWeight: number;
  samplesPerSecond: number;
  samples: number;
  lost: number;
  truncated: number;
  /** CPU time that the traced processes used since the start, by the kernel's own account. */
  targetCpuMs: number;
  /** Of one core: user space and BPF. */
  probeCpuPercent: number;
  kernelCpuPercent: number;
  /** Of one core: the workers stood still for their samples. */
  stoppedPercent: number;
  /** Most that all of it may be, in percent of a core for each worker; 0: no limit. */
  budgetPercent: number;
  /** 'BPF', 'perf ring', 'ptrace' */
  sampler: string;
  /** Says what it costs and does not see, where it is not the best there is; else ''. */
  samplerNote: string;
  /** Samples where Lua was running, by how well their stack was recovered. */
  lua: { samples: number; exact: number; functionOnly: number; traceRoot: number; unknown: number };
  /**
   * Samples with native frames; of them, those whole to the thread's root and those too long; all by
   * how their walk ended (profile/walk-ends.ts).
   */
  native: { samples: number; complete: number; truncated: number; ends: readonly number[] };
  elapsedMs: number;
  /** When the capture's time began; 0: not known. */
  startUnixMs: number;
  /** Times between two runs of the trace, in which nobody sampled, as times of a range; the latest. */
  gaps?: readonly (readonly [fromUs: number, toUs: number])[];
  /** Of a measure that is watched while it is looked at; null: another one is. */
  watched: WatchedFacts | null;
  /** Of one core: all that is watched while it is looked at. */
  instrumentsPercent: number;
  /** A recording is shown, of then: "2026-11-23 14:05". Absent: a capture of this window. */
  recorded?: string;
  /** By this a page that comes back after a reload finds its capture; absent: it is not kept. */
  kept?: string;
  /** It was recorded here, so that the same process can be attached to again. */
  again?: boolean;
  focus: FocusedRow | null;
  /** Why it failed or stopped, or what the user should know; empty if nothing. */
  message: string;
}

/**
 * The amounts seen of a measure in what is shown, in its unit. Shares are known; sums are estimates
 * where it was watched in bursts.
 */
export interface WatchedFacts {
  measure: Measure;
  /** It is being watched. */
  on: boolean;
  /** How long it was watched, and the time out of which that was; both summed over workers. */
  watchedMs: number;
  elapsedMs: number;
  /** The amount seen; of it, in no stack. */
  value: number;
  lostValue: number;
  /** Stacks that were taken since the start. */
  samples: number;
  /** Of all that there was; null: not known. */
  perSecond: number | null;
  perRequest: number | null;
  /** Why it cannot be watched, and what would change that; '' where it can. */
  missing: string;
}
