import assert from 'node:assert/strict';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { FrameKind, Quality, VmState } from '../../../extension/profile/frames';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { PERIOD_US, stackRows } from './rows';
import { batch, emptyBatch, functions, noLabels, sampleStore } from './sample-profile';

const row = { stacks: [2], pids: [101], labels: [2], counts: [10] };
const later = { timeUs: 500_000, stacks: [stackRows(row)] };

describe('The profile store', () => {
  it('counts samples by worker, by quality and by what the VM did', () => {
    const { tallies } = sampleStore();
    assert.equal(tallies.samples, 16);
    assert.equal(tallies.of('cpu').weight, 16 * PERIOD_US);
    assert.deepEqual(
      [...tallies.byPid],
      [
        [100, 10],
        [101, 6],
      ],
    );
    assert.equal(tallies.byQuality[Quality.Exact], 7);
    assert.equal(tallies.byQuality[Quality.FunctionOnly], 3);
    assert.equal(tallies.luaSamples, 10);
    assert.equal(tallies.byVmState[VmState.Gc], 2);
  });

  it('knows in which kinds a function ran', () => {
    const store = sampleStore();
    assert.deepEqual(store.kindsOf(1), [FrameKind.Lua]);
    assert.deepEqual(store.kindsOf(2), [FrameKind.Lua, FrameKind.LuaJit]);
    assert.deepEqual(store.kindsOf(4), [FrameKind.Kernel]);
    assert.deepEqual(store.kindsOf(99), []);
  });

  it('orders siblings by name', async () => {
    const store = sampleStore();
    const tree = await store.callTree();
    const names = Array.from(tree.functions, (id) => store.functionInfo(id)?.name);
    assert.deepEqual(names.slice(0, 3), [undefined, '', 'burn']);
    assert.equal(tree.total[0], 16 * PERIOD_US);
    assert.equal(tree.lines[2], 44);
    assert.equal(tree.kinds[2], FrameKind.Lua);
  });

  it('keeps the order of names true while functions arrive', async () => {
    const store = sampleStore();
    await store.callTree();
    store.add({
      ...emptyBatch,
      timeUs: 300_000,
      functions: ['zeta', 'alpha'].map((name) => ({ name, file: '', line: 0, lastLine: 0 })),
      frames: [7, 8].map((fn) => ({ function: fn, kind: FrameKind.Native, line: 0, flags: 0 })),
      stackParents: Uint32Array.of(0, 0),
      stackFrames: Uint32Array.of(8, 9),
      stacks: [stackRows({ stacks: [9, 10] })],
    });
    const tree = await store.callTree();
    const roots = [...tree.functions].filter((_, i) => tree.parents[i] === 0);
    assert.deepEqual(
      roots.map((id) => store.functionInfo(id)!.name),
      ['', 'alpha', 'ngx_epoll_process_events', 'zeta'],
    );
  });

  it('tells samples by phase and by request, and leaves out what a mask does not name', async () => {
    const store = sampleStore();
    const get = (uri: string) => ({ method: 'GET', host: 'a.example', uri });
    store.add({
      ...emptyBatch,
      timeUs: 300_000,
      labels: ['access', 'log'].map((phase) => ({ ...noLabels, phase })),
      requests: [get('/a'), get('/b')],
      stacks: [
        stackRows({
          stacks: [2, 2, 2],
          labels: [5, 6, 5],
          requests: [1, 1, 2],
          counts: [20, 30, 40],
        }),
      ],
    });
    const phases = ['', 'access', 'log'];
    const table = await store.groupTable(
      sinceStart,
      (labels) => phases.indexOf(labels?.phase ?? ''),
      (request) => (request ? request.uri.charCodeAt(1) : 0),
    );
    const rows = Array.from(table.stacks, (stack, i) => [
      stack,
      phases[table.labelGroups[i]!],
      String.fromCharCode(table.requestGroups[i]!),
      table.counts[i],
    ]);
    assert.deepEqual(
      rows.filter(([stack]) => stack === 2),
      [
        [2, '', '\0', 4],
        [2, 'access', 'a', 20],
        [2, 'access', 'b', 40],
        [2, 'log', 'a', 30],
      ],
    );
    assert.equal(table.samples, 106);
    assert.equal(
      table.weights.reduce((a, b) => a + b),
      table.weight,
    );
    const requests = await store.requestMask((request) => request?.uri === '/a');
    assert.equal((await store.callTree({ ...sinceStart, requests })).samples, 50);
    const labels = await store.labelMask((set) => set?.phase === 'access');
    assert.equal((await store.functionTable({ ...sinceStart, requests, labels })).samples, 20);
    const none = await store.requestMask((request) => request === undefined);
    assert.equal((await store.callTree({ ...sinceStart, requests: none })).samples, 16);
  });

  it('keeps the last that was heard of the modules of each VM', () => {
    const store = sampleStore();
    const modules = { leftOut: 0, kongVersion: '', apisixVersion: '' };
    const of = (pid: number, vm: string, names: string[]) => ({ ...modules, pid, vm, names });
    store.add({ ...emptyBatch, timeUs: 300_000, modules: [of(1, 'a0', ['x']), of(2, 'a0', [])] });
    store.add({ ...emptyBatch, timeUs: 300_000, modules: [of(1, 'a0', ['x', 'y'])] });
    assert.deepEqual(
      store.modules.map(({ pid, names }) => [pid, names]),
      [
        [1, ['x', 'y']],
        [2, []],
      ],
    );
  });

  it('answers for the last seconds', async () => {
    const store = sampleStore();
    store.add({ ...emptyBatch, ...later });
    assert.equal((await store.callTree(store.lastSeconds(0.25))).samples, 10);
    assert.equal((await store.callTree(store.lastSeconds(0.5))).samples, 26);
    assert.equal((await store.callTree()).samples, 26);
  });

  it('goes on in one tree where a second run begins again at zero', async () => {
    const store = sampleStore();
    const before = await store.callTree();
    const rows = store.tallies.samples;
    store.beginRun(1_700_000_002_000);
    // The same functions under other ids, and one more.
    const turned = (id: number): number => functions.length + 1 - id;
    store.add({
      ...batch,
      timeUs: 250_000,
      functions: [...batch.functions].reverse().concat({ ...functions[0]!, name: 'new' }),
      frames: batch.frames.map((frame) => ({ ...frame, function: turned(frame.function) })),
    });
    assert.equal(store.timeUs, 2_250_000);
    assert.equal(store.startUnixMs, 1_700_000_000_000);
    assert.equal(store.functions.length, functions.length + 1);
    const after = await store.callTree();
    assert.deepEqual(after.functions, before.functions);
    assert.deepEqual(
      after.total,
      before.total.map((weight) => 2 * weight),
    );
    assert.equal((await store.callTree(store.lastSeconds(1))).samples, rows);
    const unknown = stackRows({ ...row, stacks: [77] });
    assert.throws(() => store.add({ ...emptyBatch, ...later, stacks: [unknown] }), RangeError);
  });

  it('forgets samples on reset and understands what comes after', async () => {
    const store = sampleStore();
    store.reset();
    assert.equal(store.tallies.samples, 0);
    store.add({ ...emptyBatch, ...later });
    assert.equal(store.tallies.samples, 10);
    assert.equal((await store.functionTable()).functions.length, 2);
    assert.equal(store.functions.length, functions.length);
  });

  it('refuses what does not fit, and keeps what it had', async () => {
    const frame = { function: 99, kind: FrameKind.Lua, line: 1, flags: 0 };
    const bad = [
      { ...emptyBatch, ...later, timeUs: 1 },
      { ...emptyBatch, ...later, timeUs: NaN },
      { ...emptyBatch, ...later, frames: [frame] },
      { ...emptyBatch, ...later, frames: [{ ...frame, function: 0 }] },
      ...[
        stackRows({ ...row, stacks: [77] }),
        stackRows({ ...row, labels: [77] }),
        stackRows({ ...row, labels: [] }),
        stackRows({ ...row, pids: [] }),
        stackRows({ ...row, requests: [1] }),
        stackRows({ ...row, values: [5] }),
      ].map((rows) => ({ ...emptyBatch, ...later, stacks: [rows] })),
      // The first series would do; none of the batch is kept for it.
      {
        ...emptyBatch,
        ...later,
        stacks: [stackRows(row), stackRows({ ...row, stacks: [77] }, 'offcpu')],
      },
    ];
    for (const batchToRefuse of bad) {
      const store = sampleStore();
      assert.throws(() => store.add(batchToRefuse), RangeError);
      assert.equal(store.tallies.samples, 16);
      assert.equal((await store.callTree()).samples, 16);
    }
    const empty = new ProfileStore(new TypeScriptEngine());
    assert.equal((await empty.callTree()).functions.length, 1);
  });
});
