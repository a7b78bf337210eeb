/** The far end's reports, in the terms of the rest of the extension. */
import type { Outside } from '../common/outside';
import type { ProfileBatch } from '../profile/frames';
import type { SharedZones, WorkerMemory } from '../profile/memory';
import type { Account } from './account';
import type { ProbeError } from './error';
import type { MasterProcess, StartOptions } from './processes';
import type { Dialogue, Recorded } from './recording/contract';

export * from './error';
export * from './processes';
export type { CaptureRecorder, Recorded, RecordedHeap, Words } from './recording/contract';

export type SamplerKind = 'none' | 'BPF' | 'perf ring' | 'ptrace';

export interface Missing {
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

export interface Hello {
  readonly probeVersion: string;
  readonly architecture: string;
  readonly kernel: string;
  readonly sampler: SamplerKind;
  readonly missing: readonly Missing[];
  readonly probePid: number;
  readonly cpus: number;
}

/** Why processes of the host may not be in its list, in its own words, and what would help. */
export function hiddenProcesses({ missing }: Pick<Hello, 'missing'>): string {
  return missing
    .filter(({ what }) => what.startsWith('processes '))
    .map(({ why, remedy }) => `${why} ${remedy}`.trim())
    .join(' ');
}

export interface Started {
  readonly sampler: SamplerKind;
  readonly pids: readonly number[];
  readonly startUnixMs: number;
}

/** The work of an instrument since it was switched on, and its cost. */
export interface InstrumentState {
  readonly instrument: string;
  readonly on: boolean;
  /**
   * The time that it watched, and the time out of which that was taken, both summed over processes.
   * Equal: it watches all the time. Else: in bursts.
   */
  readonly watchedUs: number;
  readonly elapsedUs: number;
  /** The events it saw, and their sum in the unit of its main series. */
  readonly events: number;
  readonly value: number;
  /** Of these, in no row. */
  readonly lostEvents: number;
  readonly lostValue: number;
  /** Requests that nginx took on while it watched; 0 where scope is 'none'. */
  readonly requests: number;
  readonly requestScope: RequestScope;
  /** Of one core, the part of the targets included. */
  readonly costPercent: number;
  /** Why it sees nothing, and what would change that; '' where it sees. */
  readonly missing: string;
}

export interface Health {
  /** Of the first workers. */
  readonly memory: readonly WorkerMemory[];
  /** undefined: nothing new. */
  readonly zones: SharedZones | undefined;
  readonly probeCpuPercent: number;
  readonly kernelCpuPercent: number;
  readonly rssBytes: number;
  readonly samples: number;
  readonly lost: number;
  readonly truncated: number;
  /** CPU time of the traced processes since the start, by the kernel's own account. */
  readonly targetCpuUs: number;
  readonly rateHz: number;
  readonly pids: readonly number[];
  readonly luaSamples: number;
  readonly luaExact: number;
  readonly luaFunction: number;
  readonly luaTraceRoot: number;
  readonly luaUnknown: number;
  /** Of {@link samples}, those with a request; and those whose request is not told apart. */
  readonly requestSamples: number;
  readonly otherRequests: number;
  /** Requests that nginx took on since the start, subrequests left out; 0 where scope is 'none'. */
  readonly handledRequests: number;
  readonly requestScope: RequestScope;
  /** Why they are not counted; '' where they are. */
  readonly requestsMissing: string;
  /** Samples with native frames; of them, those whole to the thread's root, and those too long. */
  readonly nativeSamples: number;
  readonly nativeComplete: number;
  readonly nativeTruncated: number;
  /** The same samples by how their walk ended: profile/walk-ends.ts. Empty: an older probe. */
  readonly walkEnds: readonly number[];
  /** Why `rateHz` is not what was asked for. */
  readonly rateLimit: RateLimit;
  /**
   * How many times its period a sample stands for, so that samples agree with the CPU time that the
   * kernel counted; 1 where they agree by themselves. Figures of CPU time have it in them.
   */
  readonly sampleWeight: number;
  /** CPU time that samples stood for by the period alone, beside {@link targetCpuUs}. */
  readonly sampledCpuUs: number;
  /** Of a core: the workers stood still for their samples. */
  readonly stoppedPercent: number;
  /** Of those that were switched on: while they are, and once after. */
  readonly instruments: readonly InstrumentState[];
}

/**
 * The requests that are counted: those of the sampled workers together, or of all workers of the
 * master, sampled or not.
 */
export type RequestScope = 'none' | 'workers' | 'master';

/** The reason for a lower rate: none, what the sampler takes, or the budget. */
export type RateLimit = 'none' | 'sampler' | 'budget';

export type NoticeKind =
  | 'other'
  | 'worker-joined'
  | 'worker-left'
  /** It ended by a signal or with an error code, which the text names. */
  | 'worker-crashed'
  | 'no-lua-vm'
  | 'unsupported-vm'
  | 'vm-found'
  | 'rate-lowered'
  | 'sampler-fell-back'
  | 'rate-restored'
  | 'samples-weighed';

export interface Notice {
  readonly kind: NoticeKind;
  readonly pid: number;
  readonly text: Outside;
  readonly detail: Outside;
}

export interface TargetFile {
  readonly content: Uint8Array;
  readonly modifiedMs: number;
}

export interface TakeHeapOptions {
  readonly pid: number;
  readonly maxPauseMs: number;
  /** Cancels it: the promise is rejected. */
  readonly signal: AbortSignal;
  /** Of a recording: which of {@link Recorded.heaps}; absent: the last one of `pid`. */
  readonly recorded?: number | undefined;
}

export interface ProbeEvents {
  batch(batch: ProfileBatch): void;
  health(health: Health): void;
  notice(notice: Notice): void;
  /** The session is over; undefined: because it was asked to end. */
  closed(error: ProbeError | undefined): void;
  /** Only of a recording: another run follows, whose times, ids and counts begin again. */
  again(started: Started): void;
  /** Only of a recording: the user forgot the samples so far. */
  reset(): void;
}

/** Returns what a trace costs now, in percent of a core, wherever it costs it. */
export function costPercent(health: Health): number {
  return health.probeCpuPercent + health.kernelCpuPercent + health.stoppedPercent;
}

/** One probe that runs on the machine of the target. Implemented by client.ts. */
export interface ProbeSession {
  readonly hello: Hello;
  /** Why it runs without the privilege to trace every process; '' where it has it. */
  readonly restriction: string;
  /** The facts of a recording, where this is one; undefined: a probe runs. */
  readonly recorded?: Recorded | undefined;
  /** The memory that its messages take; one that goes on for it goes on with its account. */
  readonly account: Account;
  /** From now on, and what was said before, is kept by `into`. */
  record(into: Dialogue): void;
  /** Sets who hears of batches, health, notices and the end. */
  listen(events: Partial<ProbeEvents>): void;
  list(): Promise<MasterProcess[]>;
  start(options: StartOptions): Promise<Started>;
  stop(): Promise<void>;
  setRate(rateHz: number): Promise<void>;
  /**
   * Switches an instrument on or off while a trace runs: "allocations", "offcpu", "requests", "jit".
   * Batches have rows of its series then, and health says how it is. Throws ProbeError where it
   * cannot be done.
   */
  watch(instrument: string, on: boolean): Promise<void>;
  /** A regular file of at most 8 MiB as process `pid` sees it. */
  readFile(pid: number, path: string): Promise<TargetFile>;
  /**
   * Takes a snapshot of the Lua heap of a worker; `piece` gets what analysis/heap/records.ts reads.
   */
  takeHeap(options: TakeHeapOptions, piece: (bytes: Uint8Array) => void): Promise<void>;
  /** Ends the probe and waits until it is gone. */
  close(): Promise<void>;
}
