/** Hints that the figures of a worker's memory give for certain. */
import type { WorkerMemory } from './memory';

/** Less is not worth a word. */
const MUCH = 64 * 2 ** 20;

/**
 * Sentences for the user; none where nothing is certain. Lua's memory is in the segments of its
 * allocator or, from 128 KiB on, in blocks of their own, which the collector counts: it cannot be
 * more than both together.
 */
export function memoryHints(memory: WorkerMemory): string[] {
  const { vms, luaAllocators, luaSegments, gcTotal, rssAnon } = memory;
  if (vms === 0 || luaAllocators !== vms) return [];
  const hints: string[] = [];
  const unused = luaSegments - gcTotal;
  if (unused > MUCH && gcTotal < luaSegments / 2) {
    hints.push(
      `LuaJIT's allocator holds ${megabytes(luaSegments)}, of which Lua objects use less than ` +
        `half (${megabytes(gcTotal)}): the rest is free inside it, from an earlier peak. It is ` +
        'used again before more is asked for, so this is no leak of Lua objects.',
    );
  }
  const foreign = rssAnon - luaSegments - gcTotal;
  if (foreign > MUCH && foreign > rssAnon / 2) {
    hints.push(
      `At least ${megabytes(foreign)} of this worker's private memory are not Lua's: nginx's ` +
        'buffers and connections, TLS, or C libraries. A heap snapshot does not show them.',
    );
  }
  return hints;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
