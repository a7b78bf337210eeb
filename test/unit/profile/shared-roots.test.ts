import assert from 'node:assert/strict';
import { FrameKind } from '../../../extension/profile/frames';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { engines } from './engines';
import { stackRows } from './rows';
import { emptyBatch } from './sample-profile';

describe('Workers of different births', () => {
  const names = ['_start', 'ngx_master_process_cycle', '[nginx]', 'ngx_spawn_process', 'work'];
  const functions = ['/usr/sbin/nginx', '/opt/nginx'].flatMap((file) =>
    names.map((name) => ({ name, file, line: 0, lastLine: 0 })),
  );
  const frames = functions.map((_, i) => {
    return { function: i + 1, kind: FrameKind.Native, line: 0, flags: 0 };
  });

  for (const [engine, make] of engines)
    it(`share one root, and the code that they run (${engine})`, async () => {
      const store = new ProfileStore(make());
      store.beginRun(1_700_000_000_000);
      // Of the start, and of the place of one that died: a frame less.
      store.add({
        ...emptyBatch,
        functions,
        frames,
        stackParents: Uint32Array.of(0, 1, 2, 3, 4),
        stackFrames: Uint32Array.of(1, 2, 3, 4, 5),
        stacks: [stackRows({ stacks: [5], counts: [6] })],
      });
      store.add({
        ...emptyBatch,
        timeUs: 1000,
        stackParents: Uint32Array.of(2, 6),
        stackFrames: Uint32Array.of(4, 5),
        stacks: [stackRows({ stacks: [7], counts: [4] })],
      });
      // Another server's are its own.
      store.add({
        ...emptyBatch,
        timeUs: 2000,
        stackParents: Uint32Array.of(0, 8, 9),
        stackFrames: Uint32Array.of(6, 9, 10),
        stacks: [stackRows({ stacks: [10], counts: [1] })],
      });
      const tree = await store.callTree(sinceStart);
      const shown = Array.from(tree.functions.subarray(1), (id, i) => {
        return `${names[(id - 1) % 5]} ${tree.selfSamples[i + 1]}`;
      });
      assert.deepEqual(shown, [
        '_start 0',
        'ngx_spawn_process 0',
        'work 1',
        '_start 0',
        'ngx_master_process_cycle 0',
        '[nginx] 0',
        'ngx_spawn_process 0',
        'work 10',
      ]);
      assert.equal(store.stacks.parents[5], 3);
      // A stack that was cut stays what it is, and is no example for others.
      store.add({
        ...emptyBatch,
        timeUs: 3000,
        stackParents: Uint32Array.of(0),
        stackFrames: Uint32Array.of(4),
      });
      assert.equal(store.stacks.parents[10], 0);
    });
});
