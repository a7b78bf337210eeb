/** What the far end tells us, in the terms of the rest of the extension. */
import type { ProfileBatch } from '../profile/frames';

export type ServerKind = 'nginx' | 'OpenResty' | 'Kong' | 'APISIX';
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

export interface WorkerProcess {
  readonly pid: number;
  readonly startTime: number;
  readonly cpuPercent: number;
  readonly rssBytes: number;
  readonly title: string;
  /** The kernel does not let this probe trace it. */
  readonly refused: boolean;
}

export interface MasterProcess {
  readonly pid: number;
  readonly kind: ServerKind;
  readonly version: string;
  readonly nginxVersion: string;
  readonly executable: string;
  readonly commandLine: string;
  readonly prefix: string;
  readonly configFile: string;
  readonly listen: readonly string[];
  readonly container: string;
  readonly user: string;
  readonly lua: boolean;
  readonly workers: readonly WorkerProcess[];
}

export type Target = { readonly pid: number } | { readonly master: number };

export interface StartOptions {
  readonly target: Target;
  readonly rateHz: number;
  /** Most CPU the trace may cost, in percent of a worker; 0: no limit. */
  readonly budgetPercent: number;
  /** Samples carry method, host and URI of their requests. False: none of it leaves the host. */
  readonly requestLabels: boolean;
}

export interface Started {
  readonly sampler: SamplerKind;
  readonly pids: readonly number[];
  readonly startUnixMs: number;
}

export type GcPhase =
  'pause' | 'propagate' | 'atomic' | 'sweep strings' | 'sweep' | 'finalize' | 'unknown';

/** A worker's memory now; the collectors' figures are of all its Lua VMs together. */
export interface WorkerMemory {
  readonly pid: number;
  readonly rssBytes: number;
  readonly gcTotal: number;
  /** At how much they begin to work again; 0 where they never do. */
  readonly gcThreshold: number;
  /** What was in use when they last ended. */
  readonly gcEstimate: number;
  readonly gcPhase: GcPhase;
  readonly vms: number;
  /** How far the collectors are behind what is allocated while they work. */
  readonly gcDebt: number;
  /** Of the RSS: private, of mapped files, shared. All 0 where the kernel does not tell. */
  readonly rssAnon: number;
  readonly rssFile: number;
  readonly rssShared: number;
  readonly swapped: number;
  /**
   * Segments of LuaJIT's own allocator, used or not, without blocks from 128 KiB on; in the
   * {@link luaAllocators} of its VMs that have it.
   */
  readonly luaSegments: number;
  readonly luaAllocators: number;
  /** Address space: of the C library's heap, as far as it can be told; of what is mapped shared. */
  readonly cHeap: number;
  readonly sharedMapped: number;
}

/** Memory that the workers of a master share. */
export interface Zone {
  readonly name: string;
  /** Of nginx, that asked for it: "ngx_http_lua_module"; '' where it cannot be told. */
  readonly module: string;
  readonly sizeBytes: number;
  /** Of memory that exists; 0 where it cannot be told. */
  readonly residentBytes: number;
  /** Its allocator's account; undefined where it has none of the known form. */
  readonly pool:
    | {
        readonly pageBytes: number;
        readonly pages: number;
        readonly freePages: number;
        /** Bytes, within pages that are in use. */
        readonly freeInPages: number;
        /** Blocks in use, of less than half a page. */
        readonly blocks: number;
        /** Such blocks that were asked for in vain: each time ngx_lua throws entries away. */
        readonly refused: number;
      }
    | undefined;
  /** Where it is a lua_shared_dict whose memory could be read. */
  readonly dict: SharedDict | undefined;
}

export interface SharedDict {
  readonly entries: number;
  /** Of these, past their time and still there. */
  readonly expired: number;
  /** From a part of its pages. */
  readonly estimated: boolean;
}

export interface SharedZones {
  /** Through whom they were read. */
  readonly pid: number;
  readonly zones: readonly Zone[];
  readonly leftOut: number;
  /** Why there are none; '' where none is configured, or some are there. */
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
  /** Why `rateHz` is not what was asked for. */
  readonly rateLimit: RateLimit;
  /** Of a core: the workers stood still for their samples. */
  readonly stoppedPercent: number;
}

/**
 * Whose requests are counted: those of the sampled workers together, or of all workers of the
 * master, sampled or not.
 */
export type RequestScope = 'none' | 'workers' | 'master';

/** What holds the rate down: nothing, what the sampler takes, or the budget. */
export type RateLimit = 'none' | 'sampler' | 'budget';

export type NoticeKind =
  | 'other'
  | 'worker-joined'
  | 'worker-left'
  | 'no-lua-vm'
  | 'unsupported-vm'
  | 'vm-found'
  | 'rate-lowered'
  | 'sampler-fell-back';

export interface Notice {
  readonly kind: NoticeKind;
  readonly pid: number;
  readonly text: string;
  readonly detail: string;
}

export type ProbeErrorKind =
  | 'no-such-process'
  | 'not-nginx'
  | 'privilege'
  | 'no-sampler'
  | 'verifier'
  | 'targets-gone'
  | 'bad-request'
  | 'file'
  | 'wrong-architecture'
  | 'nowhere-to-land'
  | 'corrupt-stream'
  | 'connection-lost'
  | 'probe-died'
  /** It heard nothing from us for too long; the connection itself may be whole. */
  | 'silenced'
  | 'other';

/** Its message says what happened, what it means and what to do next; detail is for the log. */
export class ProbeError extends Error {
  /** By name: the bundles that are loaded on first use each have this class for themselves. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'ProbeError';
  }

  constructor(
    readonly kind: ProbeErrorKind,
    message: string,
    readonly detail = '',
  ) {
    super(message);
    this.name = 'ProbeError';
  }
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
}

export interface ProbeEvents {
  batch(batch: ProfileBatch): void;
  health(health: Health): void;
  notice(notice: Notice): void;
  /** The session is over; undefined: because it was asked to end. */
  closed(error: ProbeError | undefined): void;
}

/** What a trace costs now, in percent of a core, wherever it costs it. */
export function costPercent(health: Health): number {
  return health.probeCpuPercent + health.kernelCpuPercent + health.stoppedPercent;
}

/** One probe that runs on the machine of the target. Implemented by client.ts. */
export interface ProbeSession {
  readonly hello: Hello;
  /** Why it runs without the privilege to trace every process; '' where it has it. */
  readonly restriction: string;
  /** Sets who hears of batches, health, notices and the end. */
  listen(events: Partial<ProbeEvents>): void;
  list(): Promise<MasterProcess[]>;
  start(options: StartOptions): Promise<Started>;
  stop(): Promise<void>;
  setRate(rateHz: number): Promise<void>;
  /** A regular file of at most 8 MiB as process `pid` sees it. */
  readFile(pid: number, path: string): Promise<TargetFile>;
  /**
   * Takes a snapshot of the Lua heap of a worker; `piece` gets what analysis/heap/records.ts reads.
   */
  takeHeap(options: TakeHeapOptions, piece: (bytes: Uint8Array) => void): Promise<void>;
  /** Ends the probe and waits until it is gone. */
  close(): Promise<void>;
}
