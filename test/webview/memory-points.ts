/** Ten minutes of two workers, with a collector's saw-tooth: what the memory chart is tried with. */
import type { Zone } from '../../extension/profile/memory';
import type { MemoryPoint } from '../../extension/profile/memory-history';
import type { MemoryMessage } from '../../extension/page/messages';

const MEBIBYTE = 2 ** 20;
export const START_MS = Date.UTC(2026, 0, 5, 12);

export function pointOf(pid: number, second: number, changes: Partial<MemoryPoint> = {}) {
  const cycle = second % 40;
  const lua = (60 + cycle * 1.5 + (cycle > 32 ? (32 - cycle) * 7 : 0)) * MEBIBYTE;
  const anon = (140 + second / 40) * MEBIBYTE;
  const point: MemoryPoint = {
    atMs: START_MS + second * 1000,
    pid,
    rssBytes: anon + 42 * MEBIBYTE,
    rssAnon: anon,
    rssFile: 12 * MEBIBYTE,
    rssShared: 30 * MEBIBYTE,
    swapped: 0,
    vms: 1,
    gcTotal: lua,
    gcThreshold: 120 * MEBIBYTE,
    gcEstimate: 60 * MEBIBYTE,
    gcDebt: 0,
    gcLow: lua - MEBIBYTE,
    gcHigh: lua + 2 * MEBIBYTE,
    gcCycles: Math.floor(second / 40),
    gcPhase: cycle < 24 ? 'pause' : cycle < 32 ? 'propagate' : 'sweep',
    luaSegments: 118 * MEBIBYTE,
    luaAllocators: 1,
    cHeap: 9 * MEBIBYTE,
    sharedMapped: 214 * MEBIBYTE,
  };
  return { ...point, ...changes };
}

export function zoneOf(changes: Partial<Zone> = {}): Zone {
  return {
    name: 'kong_db_cache',
    module: 'ngx_http_lua_module',
    sizeBytes: 128 * MEBIBYTE,
    residentBytes: 41 * MEBIBYTE,
    pool: {
      pageBytes: 4096,
      pages: 32_512,
      freePages: 22_000,
      freeInPages: 91_000,
      blocks: 20_121,
      refused: 0,
    },
    dict: { entries: 20_119, expired: 4, estimated: true },
    ...changes,
  };
}

const full = { pageBytes: 4096, pages: 254, freePages: 0, freeInPages: 640, blocks: 1911 };

export function memoryOf(changes: Partial<MemoryMessage> = {}): MemoryMessage {
  const seconds = Array.from({ length: 600 }, (_, second) => second);
  const small = { rssBytes: 30 * MEBIBYTE, rssAnon: 20 * MEBIBYTE, gcTotal: 3 * MEBIBYTE };
  return {
    type: 'memory',
    whole: true,
    points: [
      ...seconds.map((second) => pointOf(1234, second)),
      ...seconds.map((second) => pointOf(1235, second, small)),
    ],
    zones: {
      pid: 1234,
      leftOut: 0,
      missing: '',
      zones: [
        zoneOf(),
        zoneOf({
          name: 'kong_rate_limiting_counters',
          sizeBytes: MEBIBYTE,
          residentBytes: MEBIBYTE,
          pool: { ...full, refused: 7123 },
          dict: { entries: 1909, expired: 310, estimated: false },
        }),
        zoneOf({
          name: 'perip',
          module: 'ngx_http_limit_req_module',
          sizeBytes: 10 * MEBIBYTE,
          residentBytes: 0,
          dict: undefined,
        }),
      ],
    },
    ...changes,
  };
}
