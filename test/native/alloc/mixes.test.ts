/** Few large pieces before many small ones, and two kinds of requests in turn: shares are right. */
import assert from 'node:assert/strict';
import { type Mix, startMix } from '../../fixtures/allocations/mixes';
import { keepBusy } from '../nginx';
import { recordAllocations } from './allocations';

const large = { way: 'strings', n: 4, size: 24_000 };
const small = { way: 'tables', n: 6000, size: 1 };
const few = { way: 'arrays', n: 60, size: 4096 };
const closures = { way: 'closures', n: 3000, size: 1 };

const mixes: Readonly<Record<string, Mix>> = {
  'large before small': [[large, small, few, closures]],
  'small before large': [[closures, few, small, large]],
  'a heavy and a light request in turn': [[small, large], [few]],
};

describe('the allocations of requests', function () {
  this.timeout(90_000);

  for (const [what, mix] of Object.entries(mixes))
    it(`have their shares: ${what}`, async () => {
      const nginx = await startMix(mix);
      const busy = keepBusy(nginx);
      try {
        await nginx.ledger();
        const found = await recordAllocations(nginx.workers()[0]!, 12, '--budget', '10');
        const { shares } = await nginx.ledger();
        const shareOf = (way: string) =>
          found.share(({ file }) => file.endsWith(`/plugins/${way}/handler.lua`));
        const told = Object.keys(shares).reduce((sum, way) => sum + shareOf(way), 0);
        for (const [way, share] of Object.entries(shares)) {
          const off = Math.abs(shareOf(way) / told - share);
          const said = `${way}: ${shareOf(way) / told}, not ${share}`;
          // By chance of some fifty requests and of the samples in them.
          assert.ok(off < 0.08, `${said}; ${JSON.stringify(found.totals)}`);
        }
      } finally {
        await busy.stop();
        await nginx.stop();
      }
    });
});
