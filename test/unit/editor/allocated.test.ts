import assert from 'node:assert/strict';
import type { WatchFigures } from '../../../extension/capture/watch-log';
import { Allocated } from '../../../extension/editor/allocated';
import { hoverText, lensTitle, lineText, pluginTitle } from '../../../extension/editor/format';
import { sinceStart } from '../../../extension/profile/store';
import { stackRows } from '../profile/rows';
import { emptyBatch, functions, sampleStore } from '../profile/sample-profile';

const query = { ...sinceStart, measure: 'allocated' } as const;
const figures: WatchFigures = {
  watchedUs: 10_000,
  elapsedUs: 1e6,
  events: 10,
  value: 8192,
  lostEvents: 0,
  lostValue: 0,
  requests: 20,
  perRequest: 4096,
  requestsMissing: '',
  perRequestError: 0,
  perSecond: 2 ** 20,
};

async function allocated(changes: Partial<WatchFigures> = {}): Promise<Allocated> {
  const store = sampleStore();
  store.add({
    ...emptyBatch,
    timeUs: 500_000,
    stacks: [stackRows({ stacks: [2, 1], values: [3072, 1024] }, 'allocated')],
  });
  const table = await store.functionTable(query);
  const tree = () => store.callTree(query);
  return new Allocated(table, tree, store.functions, { ...figures, ...changes });
}

describe('allocations in the editor', () => {
  it('are told of each function where it is defined', async () => {
    const costs = await (await allocated()).costs([functions[1]!.file]);
    // Three quarters of the bytes, in a function that begins in line 42.
    assert.deepEqual([...costs], [[42, '≈ 3.0 KB per request']]);
    const main = await (await allocated()).costs([functions[0]!.file]);
    assert.deepEqual([...main], [[0, '≈ 4.0 KB per request']]);
  });

  it('are told by the second where requests are not counted, else not at all', async () => {
    const unknown = { perRequest: null, requestsMissing: 'Not counted.' };
    assert.equal((await allocated(unknown)).cost(0.5), '≈ 512.0 KB/s');
    assert.equal((await allocated({ ...unknown, perSecond: null })).cost(0.5), '');
    assert.equal((await allocated()).cost(0), '');
  });

  it('stand beside CPU time, and by themselves', () => {
    const shares = { total: 0.31, self: 0.041 };
    const cost = '≈ 3.2 KB per request';
    const fresh = { kind: 'fresh' } as const;
    assert.equal(lensTitle(shares, fresh, 'cpu', cost), `31.0 % CPU · 4.1 % self · ${cost}`);
    assert.equal(
      lensTitle(shares, fresh, 'allocated', cost),
      `31.0 % of bytes · 4.1 % self · ${cost}`,
    );
    assert.equal(
      pluginTitle('jwt', 0.31, 'allocated', cost),
      `plugin jwt: 31.0 % of bytes · ${cost}`,
    );
    assert.equal(lineText(shares, 'allocated'), '31.0 % of bytes · 4.1 % self');
    assert.match(hoverText(shares, 'allocated'), /^31\.0 % of allocated bytes with what it calls/);
    assert.match(hoverText({ ...shares, atLeast: true }, 'cpu'), /^at least 31\.0 % of CPU/);
  });
});
