import assert from 'node:assert/strict';
import { hotFunctions, kindsText } from '../../../extension/cli/hot-functions';
import { sinceStart } from '../../../extension/profile/store';
import { tenthsOf } from '../../../extension/profile/shares';
import { StackStore } from '../analysis/stacks';

describe('Shares by kind', () => {
  const stacks = () =>
    new StackStore().add(1000, [
      { stack: ['nginx', 'access', 'jwt'], count: 50 },
      // The time of the collector's C code and its kernel calls is the collector's.
      { stack: ['nginx', 'access', 'jwt', 'gc', 'nginx'], count: 12 },
      { stack: ['nginx', 'access', 'jwt', 'gc', 'nginx', 'kernel'], count: 3 },
      // A finalizer is Lua, and what it calls its own.
      { stack: ['nginx', 'access', 'jwt', 'gc', 'shop'], count: 4 },
      { stack: ['nginx', 'access', 'jwt', 'gc', 'shop', 'kernel'], count: 1 },
      { stack: ['nginx', 'access', 'jwt', 'jitc', 'nginx'], count: 10 },
      { stack: ['nginx', 'kernel'], count: 20 },
    ]);

  it('charge C and the kernel below the collector and the compiler to these', async () => {
    const { kinds } = await hotFunctions(stacks().store, sinceStart, 10);
    assert.equal(
      kindsText(kinds),
      'Lua (interpreted) 54.0 %, kernel 21.0 %, garbage collector 15.0 %, JIT compiler 10.0 %',
    );
  });

  it('are the same of the collector, whatever frames are left out', async () => {
    for (const hiddenKinds of [0, 2, 6]) {
      const { kinds } = await hotFunctions(stacks().store, { ...sinceStart, hiddenKinds }, 10);
      assert.equal(kinds.find(({ kind }) => kind === 'garbage collector')?.share, 0.15);
    }
  });

  it('name what no shown frame took, and keep "unknown" for what is', async () => {
    const store = new StackStore().add(1000, [
      { stack: [], count: 1 },
      { stack: ['unknown'], count: 2 },
      { stack: ['nginx', 'kernel'], count: 7 },
    ]).store;
    const { kinds } = await hotFunctions(store, { ...sinceStart, hiddenKinds: 6 }, 10);
    assert.equal(kindsText(kinds), 'outside the shown frames 70.0 %, unknown 30.0 %');
  });

  it('are tenths that add up to what is shown of their sum', () => {
    assert.deepEqual(tenthsOf([1, 1, 1], 9), [111, 111, 111]);
    assert.deepEqual(tenthsOf([2, 2, 2], 9), [223, 222, 222]);
    assert.deepEqual(tenthsOf([1, 1], 0), [0, 0]);
  });
});
