import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addBuckets,
  type Buckets,
  bucketOf,
  bucketStart,
  LAST_BUCKET,
  noBuckets,
  percentile,
} from '../../../extension/profile/histogram';

/** Values of all sizes, and not only of the largest. */
const value = fc
  .tuple(fc.nat({ max: 52 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([power, part]) => Math.floor(2 ** power * (1 + part)));

function bucketsOf(values: readonly number[]): Buckets {
  return values.reduce(
    (sum, each) => addBuckets(sum, { buckets: [bucketOf(each)], counts: [1] }),
    noBuckets,
  );
}

describe('A histogram', () => {
  it('has the buckets of the wire', () => {
    // As acupoint.proto has it, in whole numbers.
    const onWire = (v: bigint): number => {
      if (v < 64n) return Number(v);
      const e = BigInt(v.toString(2).length - 1);
      return Number(32n * (e - 5n) + (v >> (e - 5n)));
    };
    fc.assert(fc.property(value, (v) => assert.equal(bucketOf(v), onWire(BigInt(v)))));
    assert.equal(LAST_BUCKET, onWire(2n ** 53n - 1n));
    for (let bucket = 0; bucket <= LAST_BUCKET; bucket++) {
      assert.equal(bucketOf(bucketStart(bucket)), bucket);
      if (bucket > 0) assert.equal(bucketOf(bucketStart(bucket) - 1), bucket - 1);
    }
  });

  it('knows every percentile to 2.5 % of that of the values', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), (values) => {
        const sorted = [...values].sort((a, b) => a - b);
        const buckets = bucketsOf(values);
        for (const part of [0, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1]) {
          const exact = sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
          const found = percentile(buckets, part)!;
          assert.ok(Math.abs(found - exact) <= exact * 0.025, `${found}, not ${exact}`);
        }
      }),
    );
  });

  it('adds up in any order', () => {
    fc.assert(
      fc.property(fc.array(value), fc.array(value), (one, other) => {
        const both = addBuckets(bucketsOf(one), bucketsOf(other));
        assert.deepEqual(both, bucketsOf([...other, ...one]));
        const ascending = [...both.buckets].sort((a, b) => a - b);
        assert.deepEqual(both.buckets, ascending);
      }),
    );
  });

  it('knows nothing where there are no values', () => {
    assert.equal(percentile(noBuckets, 0.5), undefined);
  });
});
