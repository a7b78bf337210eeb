import assert from 'node:assert/strict';
import {
  type BurstPart,
  quotientError,
  shareError,
} from '../../../extension/analysis/burst-errors';
import { chance } from '../../fixtures/allocations/mixes';

const part = (weight: number, a: number): BurstPart => ({
  weight,
  weights: new Map([['a', a]]),
});

describe('shareError', () => {
  it('is not known of one burst, and as large as a share that one burst alone saw', () => {
    assert.equal(shareError([part(100, 50)], 'a', 1000), undefined);
    assert.equal(shareError([part(100, 50), part(0, 0)], 'a', 1000), undefined);
    const once = shareError([part(100, 40), part(100, 0), part(100, 0)], 'a', 1000);
    assert.ok(once!.unclear, `${once!.half}`);
  });

  it('is no smaller than chance within the bursts makes it', () => {
    const same = shareError([part(100, 50), part(200, 100), part(50, 25)], 'a', 400);
    assert.ok(Math.abs(same!.half - 1.96 * Math.sqrt(0.25 / 400)) < 1e-12);
    assert.ok(!same!.unclear);
  });

  it('holds the true share in 95 of 100 cases, of bursts that differ in size and content', () => {
    const next = chance(7);
    for (const [count, share] of [
      [4, 0.4],
      [8, 0.1],
      [16, 0.7],
    ] as const) {
      let held = 0;
      const tries = 4000;
      for (let i = 0; i < tries; i++) {
        const parts = Array.from({ length: count }, () => {
          const weight = 500 + 1000 * next();
          // About even around the share: the sum of some even draws.
          const spread = (next() + next() + next() + next() - 2) * share * 0.4;
          return part(weight, weight * (share + spread));
        });
        const all = parts.reduce((sum, { weight }) => sum + weight, 0);
        const seen = parts.reduce((sum, { weights }) => sum + weights.get('a')!, 0) / all;
        if (Math.abs(seen - share) <= shareError(parts, 'a', 1e9)!.half) held++;
      }
      assert.ok(held / tries > 0.93 && held / tries < 0.98, `${count}: ${held} of ${tries}`);
    }
  });
});

describe('quotientError', () => {
  it('is known of two and more, and 0 where all say the same', () => {
    assert.equal(quotientError([[10, 2]]), undefined);
    assert.equal(quotientError([[0, 0]]), undefined);
    assert.equal(
      quotientError([
        [10, 2],
        [20, 4],
      ]),
      0,
    );
    const off = quotientError([
      [10, 2],
      [30, 4],
    ]);
    assert.ok(off! > 1, `${off}`);
  });
});
