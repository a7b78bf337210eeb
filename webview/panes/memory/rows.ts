/** The rows of the tables: the workers now, and the zones that they share. */
import type { Zone } from '../../../extension/profile/memory';
import type { MemoryPoint } from '../../../extension/profile/memory-history';
import { whole } from '../../common/format';
import type { Column, Row } from './figures';
import { mebibytes, PHASE_WORDS } from './words';

export const WORKER_COLUMNS: readonly Column[] = [
  { head: 'Worker', isText: true },
  { head: 'RSS' },
  { head: 'Private' },
  { head: 'Files' },
  { head: 'Shared', title: 'Resident in this worker, of what it shares with others' },
  { head: 'Swapped' },
  { head: 'Lua', title: 'In use, by the count of the collector' },
  { head: 'Next cycle' },
  { head: 'GC behind by', title: 'Allocated while the collector works, and not yet made up for' },
  { head: 'Collector', isText: true },
  {
    head: 'Cycles',
    title: 'Of the collector, seen ending since the trace began; short ones are missed',
  },
  { head: 'LuaJIT allocator', title: 'Segments; blocks of 128 KiB and more are not in them' },
  { head: 'C heap', title: 'Address space; what is mapped one by one is not in it' },
];

const NONE = '–';

export function workerRow(point: MemoryPoint): Row {
  const { vms } = point;
  const ofLua = (bytes: number): string => (vms > 0 ? mebibytes(bytes) : NONE);
  const split = point.rssAnon + point.rssFile + point.rssShared > 0;
  const ofRss = (bytes: number): string => (split ? mebibytes(bytes) : NONE);
  return {
    id: String(point.pid),
    cells: [
      String(point.pid),
      mebibytes(point.rssBytes),
      ofRss(point.rssAnon),
      ofRss(point.rssFile),
      ofRss(point.rssShared),
      ofRss(point.swapped),
      ofLua(point.gcTotal),
      point.gcThreshold > 0 ? mebibytes(point.gcThreshold) : NONE,
      ofLua(point.gcDebt),
      vms > 0 ? PHASE_WORDS[point.gcPhase] : 'no Lua VM read',
      vms > 0 ? whole(point.gcCycles) : NONE,
      allocatorText(point),
      mebibytes(point.cHeap),
    ],
  };
}

function allocatorText({ vms, luaAllocators, luaSegments }: MemoryPoint): string {
  if (luaAllocators === 0) return vms > 0 ? 'another one' : NONE;
  return luaAllocators < vms
    ? `${mebibytes(luaSegments)} of ${luaAllocators} VMs`
    : mebibytes(luaSegments);
}

export const ZONE_COLUMNS: readonly Column[] = [
  { head: 'Zone', isText: true },
  { head: 'Of', isText: true, title: 'The module of nginx that asked for it' },
  { head: 'Size' },
  { head: 'Free pages' },
  { head: 'Full' },
  { head: 'Used', title: 'Of its memory, what has been touched so far' },
  { head: 'Entries' },
  { head: 'Expired', title: 'Past their time and still there' },
  {
    head: 'Failed writes',
    title:
      'Blocks that were asked for in vain since the zone was made: each time ngx_lua throws ' +
      'entries away that have not expired',
  },
];

export function zoneRow(zone: Zone): Row {
  const { pool, dict } = zone;
  const about = dict?.estimated === true ? '≈ ' : '';
  const free = pool && pool.freePages / pool.pages;
  return {
    id: zone.name,
    noted: pool !== undefined && pool.refused > 0,
    cells: [
      zone.name,
      moduleName(zone.module),
      mebibytes(zone.sizeBytes),
      pool ? mebibytes(pool.freePages * pool.pageBytes) : NONE,
      free === undefined ? NONE : `${((1 - free) * 100).toFixed(0)} %`,
      zone.residentBytes > 0 ? mebibytes(zone.residentBytes) : NONE,
      dict ? about + whole(dict.entries) : NONE,
      dict ? about + whole(dict.expired) : NONE,
      pool ? whole(pool.refused) : NONE,
    ],
  };
}

/** "http_lua" of "ngx_http_lua_module". */
function moduleName(module: string): string {
  return module === '' ? NONE : module.replace(/^ngx_/, '').replace(/_module$/, '');
}
