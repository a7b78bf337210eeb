import assert from 'node:assert/strict';
import { takeIn } from './take';
import type { WireName } from './wires';

/** The account of these tests: less than a capture's, so that they end soon. */
const CAP_MB = 64;
/** One message of the largest kind as it is read, and what V8 has not collected yet. */
const AT_WORK_MB = 256;

const megabytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

describe('What a host sends without end', function () {
  this.timeout(180_000);
  // `npm run bench:account` takes the others as well, up to a whole account.
  const kinds: readonly (WireName | 'all')[] = ['strings', 'symbols', 'frames', 'rows'];
  for (const kind of kinds) {
    it(`ends the capture before it takes more memory than is allowed: ${kind}`, async () => {
      const taken = await takeIn(kind, CAP_MB, 'ts');
      assert.match(taken.ending, /^full: The capture has reached 64 MB of memory/);
      assert.ok(megabytes(taken.peakBytes) < CAP_MB + AT_WORK_MB, JSON.stringify(taken));
      assert.ok(taken.nodes > 0, 'what came before stays usable');
    });
  }

  for (const engine of ['ts', 'native'] as const) {
    it(`also where it sends some of everything, with the ${engine} engine`, async () => {
      const taken = await takeIn('all', CAP_MB, engine);
      assert.match(taken.ending, /^full: /);
      assert.ok(megabytes(taken.peakBytes) < CAP_MB + AT_WORK_MB, JSON.stringify(taken));
    });
  }

  for (const kind of ['requests', 'workers'] as const) {
    it(`ends at a number of its own where no host has so many: ${kind}`, async () => {
      assert.match((await takeIn(kind, CAP_MB, 'ts')).ending, /^corrupt-stream: /);
    });
  }
});
