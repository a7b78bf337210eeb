import assert from 'node:assert/strict';
import { decodeHeap, HeapTooLarge } from '../../../../extension/analysis/heap';

/** A VM that refers to `count` objects of no use, in two bytes each. */
function manyReferences(count: number): Uint8Array {
  const references = Array.from({ length: count }, () => [1, 1]).flat();
  // Type vm; total, threshold, phase, what is outside; then (kind, reference) pairs.
  return Uint8Array.from([1, 0, 0, 0, 0, ...references, 0]);
}

describe('A heap snapshot', () => {
  it('is given up where its analysis would take more memory than it may', () => {
    const bytes = manyReferences(200_000);
    assert.throws(() => decodeHeap(bytes, 20_000_000), HeapTooLarge);
    assert.throws(() => decodeHeap(bytes, 100_000_000), /ends at byte/, 'which has room for it');
  });
});
