/** Allocations of a gateway's plugins, against the collector's own count. */
import assert from 'node:assert/strict';
import { type AllocatingGateway, startAllocatingGateway } from '../../fixtures/allocations/start';
import { keepBusy } from '../nginx';
import { assertShares, recordAllocations } from './allocations';

describe('the allocations of a gateway', function () {
  this.timeout(120_000);

  for (const compiled of [false, true]) {
    describe(compiled ? 'that is compiled' : 'that is interpreted', () => {
      let nginx: AllocatingGateway;

      before(async () => {
        nginx = await startAllocatingGateway({ compiled });
      });
      after(() => nginx.stop());

      it('are known by plugin', async () => {
        const busy = keepBusy(nginx);
        try {
          await nginx.known();
          const found = await recordAllocations(nginx.workers()[0]!, 12, '--budget', '80');
          const known = await nginx.known();
          assert.ok(found.unknown <= 0.01, `${found.unknown}`);
          assertShares(found, known, (name) =>
            found.share(({ file }) => file.endsWith(`/plugins/${name}/handler.lua`)),
          );
        } finally {
          await busy.stop();
        }
      });
    });
  }
});
