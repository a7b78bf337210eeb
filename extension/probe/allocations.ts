import type { AllocationRows } from '../profile/frames';
import { corrupt, countOf } from './corrupt';
import type { Dictionary } from './dictionary';
import type * as wire from './generated/acupoint_pb';

/** Rows of allocations; undefined: the batch has none. Throws ProbeError 'corrupt-stream'. */
export function allocationRows(
  batch: wire.Batch,
  dictionary: Dictionary,
): AllocationRows | undefined {
  const { allocStacks, allocPids, allocLabels, allocRequests, allocCounts, allocBytes } = batch;
  const columns = [allocStacks, allocPids, allocLabels, allocCounts, allocBytes];
  const lengths = columns.map((column) => column.length);
  const rows = allocStacks.length;
  if (lengths.some((length) => length !== rows)) {
    throw corrupt(`allocations: columns of ${lengths.join(', ')}`);
  }
  if (allocRequests.length !== 0 && allocRequests.length !== rows) {
    throw corrupt(`allocations: ${rows}, and ${allocRequests.length} requests of them`);
  }
  if (rows === 0) return undefined;
  dictionary.checkRows(allocStacks, allocPids, allocLabels, allocRequests);
  return {
    stacks: Uint32Array.from(allocStacks),
    pids: Uint32Array.from(allocPids),
    labels: Uint32Array.from(allocLabels),
    requests: Uint32Array.from(allocRequests),
    counts: Uint32Array.from(allocCounts),
    bytes: Float64Array.from(allocBytes, (bytes) => countOf(bytes, 'allocation bytes')),
  };
}
