/** The memory of workers, as the far end tells it about once a second. All sizes are bytes. */

export type GcPhase =
  'pause' | 'propagate' | 'atomic' | 'sweep strings' | 'sweep' | 'finalize' | 'unknown';

/** A worker's memory now; the collectors' figures are of all its Lua VMs together. */
export interface WorkerMemory {
  readonly pid: number;
  readonly rssBytes: number;
  readonly gcTotal: number;
  /** At how much they begin to work again; 0 where they never do. */
  readonly gcThreshold: number;
  /** Memory in use when they last ended. */
  readonly gcEstimate: number;
  readonly gcPhase: GcPhase;
  readonly vms: number;
  /** The least and the most seen of gcTotal since the last time; 0 where it was not. */
  readonly gcLow: number;
  readonly gcHigh: number;
  /** Cycles of the collector that were seen ending, since the trace began; short ones are missed. */
  readonly gcCycles: number;
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
