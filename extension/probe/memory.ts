/** The workers' memory, as batches say. */
import type { GcPhase, SharedDict, SharedZones, WorkerMemory, Zone } from '../profile/memory';
import { atMost, corrupt, countOf, nameOf, textOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';

const GC_PHASES: readonly GcPhase[] = [
  'pause',
  'propagate',
  'atomic',
  'sweep strings',
  'sweep',
  'finalize',
  'unknown',
];

export function decodeMemory(memory: wire.WorkerMemory): WorkerMemory {
  return {
    pid: memory.pid,
    rssBytes: countOf(memory.rssBytes, 'memory RSS'),
    gcTotal: countOf(memory.gcTotal, 'memory total'),
    gcThreshold: countOf(memory.gcThreshold, 'memory threshold'),
    gcEstimate: countOf(memory.gcEstimate, 'memory estimate'),
    gcPhase: nameOf(GC_PHASES, memory.gcPhase, 'memory phase'),
    vms: memory.vms,
    gcLow: countOf(memory.gcLow, 'memory low'),
    gcHigh: countOf(memory.gcHigh, 'memory high'),
    gcCycles: memory.gcCycles,
    gcDebt: countOf(memory.gcDebt, 'memory debt'),
    rssAnon: countOf(memory.rssAnon, 'memory private'),
    rssFile: countOf(memory.rssFile, 'memory files'),
    rssShared: countOf(memory.rssShared, 'memory shared'),
    swapped: countOf(memory.swapped, 'memory swapped'),
    luaSegments: countOf(memory.luaSegments, 'memory segments'),
    luaAllocators: memory.luaAllocators,
    cHeap: countOf(memory.cHeap, 'memory C heap'),
    sharedMapped: countOf(memory.sharedMapped, 'memory mapped shared'),
  };
}

export function decodeZones({ pid, zones, leftOut, missing }: wire.Zones): SharedZones {
  atMost(zones.length, limits.zones, 'zones');
  return {
    pid,
    zones: zones.map(decodeZone),
    leftOut,
    missing: textOf(missing, 'zones missing'),
  };
}

function decodeZone(zone: wire.Zone): Zone {
  const { pageBytes, pages, freePages } = zone;
  atMost(freePages, pages, 'zone free pages');
  return {
    name: textOf(zone.name, 'zone name', limits.zoneNameChars),
    module: textOf(zone.module, 'zone module', limits.zoneNameChars),
    sizeBytes: countOf(zone.sizeBytes, 'zone size'),
    residentBytes: countOf(zone.residentBytes, 'zone resident'),
    pool:
      pages === 0
        ? undefined
        : {
            pageBytes,
            pages,
            freePages,
            freeInPages: countOf(zone.freeInPages, 'zone free in pages'),
            blocks: countOf(zone.blocks, 'zone blocks'),
            refused: countOf(zone.refused, 'zone refused'),
          },
    dict: zone.dict && decodeDict(zone.dict),
  };
}

function decodeDict(dict: wire.SharedDict): SharedDict {
  const entries = countOf(dict.entries, 'dictionary entries');
  const expired = countOf(dict.expired, 'dictionary expired');
  if (expired > entries) throw corrupt(`dictionary: ${expired} of ${entries} entries expired`);
  atMost(dict.pagesLookedAt, dict.pagesUsed, 'dictionary pages');
  return { entries, expired, estimated: dict.pagesLookedAt < dict.pagesUsed };
}
