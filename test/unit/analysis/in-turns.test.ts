import assert from 'node:assert/strict';
import { Analysis } from '../../../extension/analysis/analysis';
import { FrameKind, type FunctionInfo } from '../../../extension/profile/frames';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { newNativeEngine } from '../profile/engines';
import { stackRows } from '../profile/rows';
import { emptyBatch } from '../profile/sample-profile';

const STACKS = 3000;
const plugin = (i: number): FunctionInfo => ({
  name: `f${(i * 7919) % STACKS}`,
  file: `@/usr/share/lua/5.1/kong/plugins/plugin-${i % 40}/handler.lua`,
  line: 1,
  lastLine: 9,
});

/** Every stack has a function, and every sample a request, of its own. */
function largeStore(): ProfileStore {
  const store = new ProfileStore(newNativeEngine());
  const ids = Array.from({ length: STACKS }, (_, i) => i + 1);
  store.beginRun(1_700_000_000_000);
  store.add({
    ...emptyBatch,
    functions: ids.map(plugin),
    frames: ids.map((id) => ({ function: id, kind: FrameKind.Lua, line: 2, flags: 0 })),
    stackParents: Uint32Array.from(ids, () => 0),
    stackFrames: Uint32Array.from(ids),
    requests: ids.map((id) => ({ method: 'GET', host: 'a', uri: `/of/x${id}` })),
    stacks: [stackRows({ stacks: ids, requests: ids })],
  });
  return store;
}

describe('Long work on a profile', () => {
  const now = performance.now.bind(performance);
  // It never goes back, as the clock that it stands for.
  let at = now();
  afterEach(() => (performance.now = now));

  /** How many turns others had, with a clock that runs so fast that each look gives one. */
  async function turnsOf(work: Promise<unknown>): Promise<number> {
    performance.now = () => (at += 100);
    let turns = 0;
    let next: NodeJS.Immediate;
    const tick = (): void => {
      turns++;
      next = setImmediate(tick);
    };
    next = setImmediate(tick);
    await work;
    clearImmediate(next);
    return turns;
  }

  it('gives others their turn while functions are put in order', async () => {
    const store = largeStore();
    assert.ok((await turnsOf(store.callTree())) >= 2);
    const tree = await store.callTree();
    const names = Array.from(tree.functions.slice(1), (id) => store.functionInfo(id)!.name);
    assert.deepEqual(names, [...names].sort());
    assert.equal(names.length, STACKS);
  });

  it('gives others their turn while owners are found and tables are made', async () => {
    const report = new Analysis(largeStore()).report(sinceStart, 'owner', 'phase');
    assert.ok((await turnsOf(report)) >= (2 * STACKS) / 300);
    const { rows } = await report;
    assert.equal(rows.length, 40);
    assert.equal(
      rows.reduce((sum, { samples }) => sum + samples, 0),
      STACKS,
    );
  });

  it('gives others their turn in tables of many rows, which are cut to the heaviest', async () => {
    const report = new Analysis(largeStore()).report(sinceStart, 'uri', 'owner');
    assert.ok((await turnsOf(report)) >= (3 * STACKS) / 300);
    const { rows } = await report;
    assert.deepEqual([rows.length, rows.at(-1)!.samples], [200, STACKS - 199]);
    const names = rows.slice(0, -1).map(({ name }) => name);
    const all = Array.from({ length: STACKS }, (_, i) => `/of/x${i + 1}`).sort();
    assert.deepEqual(names, all.slice(0, 199), 'of equal weight: by name');
  });

  it('gives others their turn while a part is looked for', async () => {
    const analysis = new Analysis(largeStore());
    await analysis.report(sinceStart, 'owner', 'phase');
    analysis.focus({ by: 'owner', name: 'plugin-7', kind: 'plugin' });
    const tree = analysis.profile.callTree(sinceStart);
    assert.ok((await turnsOf(tree)) >= STACKS / 300);
    const { samples, wholeSamples } = await tree;
    assert.deepEqual([samples, wholeSamples], [STACKS / 40, STACKS]);
  });
});
