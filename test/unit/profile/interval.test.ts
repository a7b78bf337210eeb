import assert from 'node:assert/strict';
import {
  effectiveSamples,
  intervalText,
  isTie,
  tiesAbove,
  wilson,
} from '../../../extension/profile/interval';

/** The same numbers each time: a test that fails once in a while says nothing. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('The error of a share', () => {
  it('is the interval of Wilson', () => {
    // Values of R: prop.test(x, n, correct = FALSE)$conf.int.
    const [least, most] = wilson(15 / 100, 100);
    assert.equal(least.toFixed(4), '0.0931');
    assert.equal(most.toFixed(4), '0.2328');
    assert.equal(intervalText(wilson(0.1, 1000)), '8.3–12.0');
  });

  it('holds the share itself, also at its ends and without samples', () => {
    for (const samples of [0, 1, 3, 1e6])
      for (const share of [0, 1e-9, 0.5, 1]) {
        const [least, most] = wilson(share, samples);
        assert.ok(
          least >= 0 && least <= share && share <= most && most <= 1,
          `${share} ${samples}`,
        );
      }
    assert.deepEqual(wilson(0, 0), [0, 1]);
    assert.ok(wilson(0, 100)[1] > 0.03);
  });

  it('holds the truth in 95 of 100 cases', () => {
    const next = random(7);
    for (const truth of [0.02, 0.3, 0.9]) {
      let held = 0;
      for (let run = 0; run < 4000; run++) {
        let seen = 0;
        for (let i = 0; i < 300; i++) if (next() < truth) seen++;
        const [least, most] = wilson(seen / 300, 300);
        if (least <= truth && truth <= most) held++;
      }
      assert.ok(held / 4000 > 0.935 && held / 4000 < 0.98, `${truth}: ${held / 4000}`);
    }
  });

  it('leaves two shares untold that differ by chance', () => {
    assert.ok(isTie(0.1, 0.11, 1000));
    assert.ok(!isTie(0.1, 0.2, 1000));
    assert.ok(!isTie(0, 0, 1000));
    assert.deepEqual(tiesAbove([0.5, 0.2, 0.19, 0.1], 1000), [false, false, true, false]);
    // Hardly any pair of equal shares counts as apart, but nearly all of unequal ones do.
    const next = random(11);
    const told = (one: number, other: number): number => {
      let apart = 0;
      for (let run = 0; run < 1000; run++) {
        let [first, second] = [0, 0];
        for (let i = 0; i < 500; i++) {
          const at = next();
          if (at < one) first++;
          else if (at < one + other) second++;
        }
        if (!isTie(first / 500, second / 500, 500)) apart++;
      }
      return apart / 1000;
    };
    assert.ok(told(0.2, 0.2) < 0.07);
    assert.ok(told(0.2, 0.4) > 0.95);
  });

  it('counts samples of unequal weight for what they are worth', () => {
    assert.equal(effectiveSamples([30, 70], [3, 7]), 10);
    assert.equal(effectiveSamples([], []), 0);
    assert.ok(effectiveSamples([1000, 70], [1, 70]) < 2);
  });
});
