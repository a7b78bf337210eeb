import assert from 'node:assert/strict';
import { iterationsOf, loopWorkers, stallsOf, stripOf } from '../../../extension/analysis/loop';
import { forMachines, lines, loopIn } from '../../../extension/cli/commands/loop';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { FrameKind } from '../../../extension/profile/frames';
import { bucketOf } from '../../../extension/profile/histogram';
import type { SeriesInfo } from '../../../extension/profile/rows';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { tricks } from '../../fixtures/tricks';
import { emptyBatch } from '../profile/sample-profile';

const hostile = Object.values(tricks).join('');
const seenByNobody = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

function declared(name: string, shape: SeriesInfo['shape'], keys: readonly string[]): SeriesInfo {
  const numbers = keys.map((key) => ({ name: key, number: true }));
  return { name, instrument: 'loop', shape, unit: 'us', estimated: false, keys: numbers };
}

/** Points of worker 100. */
function points(series: string, rows: readonly (readonly [number, number, ...number[]])[]) {
  return {
    series,
    pids: new Uint32Array(rows.length).fill(100),
    timesUs: Float64Array.from(rows, ([time]) => time),
    stacks: Uint32Array.from(rows, ([, stack]) => stack),
    numbers: Float64Array.from(rows.flatMap(([, , ...numbers]) => numbers)),
    texts: rows.map(() => ''),
  };
}

/** main calls f, which calls the kernel; main calls a native function; and f was elsewhere, too. */
function profile(): ProfileStore {
  const store = new ProfileStore(new TypeScriptEngine());
  store.beginRun(1_700_000_000_000);
  const lengths = Float64Array.of(500, 300, 40_000, 12_000);
  store.add({
    ...emptyBatch,
    timeUs: 3.5e6,
    functions: [
      { name: 'main', file: '/usr/sbin/nginx', line: 0, lastLine: 0 },
      { name: hostile, file: '@/srv/a.lua', line: 7, lastLine: 19 },
      { name: 'do_wait', file: '', line: 0, lastLine: 0 },
      { name: 'deflate', file: 'libz.so', line: 0, lastLine: 0 },
    ],
    frames: [
      { function: 1, kind: FrameKind.Native, line: 0, flags: 0 },
      { function: 2, kind: FrameKind.Lua, line: 8, flags: 0 },
      { function: 3, kind: FrameKind.Kernel, line: 0, flags: 0 },
      { function: 4, kind: FrameKind.Native, line: 0, flags: 0 },
      { function: 2, kind: FrameKind.LuaJit, line: 12, flags: 0 },
    ],
    stackParents: Uint32Array.of(0, 1, 2, 1, 4, 1),
    stackFrames: Uint32Array.of(1, 2, 3, 4, 3, 5),
    series: [
      declared('loop.iterations', 'tables', []),
      declared('loop.stall_parts', 'points', ['length', 'part', 'exact']),
      declared('loop.workers', 'points', ['interval', 'idle', 'queued']),
    ],
    tables: [
      {
        series: 'loop.iterations',
        pids: new Uint32Array(4).fill(100),
        keys: [],
        counts: Float64Array.of(2, 1, 1, 1),
        sums: lengths,
        least: lengths,
        most: lengths,
        bucketRows: new Uint32Array(4).fill(1),
        buckets: Uint32Array.from(lengths, bucketOf),
        bucketCounts: Float64Array.of(2, 1, 1, 1),
      },
    ],
    points: [
      points('loop.stall_parts', [
        [2e6, 3, 40_000, 10_000, 1],
        [2e6, 5, 40_000, 14_000, 1],
        [2e6, 6, 40_000, 16_000, 1],
        [1e6, 0, 12_000, 12_000, 0],
      ]),
      points('loop.workers', [
        [1e6, 0, 1e6, 400_000, 0],
        [2e6, 0, 1e6, 600_000, 20_000],
      ]),
    ],
  });
  return store;
}

const figures = {
  watchedUs: 3e6,
  elapsedUs: 3e6,
  events: 5,
  value: 0,
  lostEvents: 0,
  lostValue: 0,
  requests: 0,
  perRequest: null,
  requestsMissing: '',
  perRequestError: 0,
  perSecond: null,
};

describe('iterations of the event loop', () => {
  it('come with percentiles', () => {
    const { count, p50Us, maxUs } = iterationsOf(profile(), sinceStart);
    assert.deepEqual([count, maxUs], [5, 40_000]);
    assert.ok(Math.abs(p50Us - 500) < 20, String(p50Us));
  });

  it('are stalls by their functions: the innermost of Lua, else of native code', () => {
    const [first, second] = stallsOf(profile(), sinceStart);
    assert.equal(first?.exact, false);
    assert.deepEqual(
      first.functions.map(({ name, share }) => [name, share]),
      [['[more stacks]', 1]],
    );
    assert.deepEqual([second?.timeUs, second?.lengthUs, second?.exact], [2e6, 40_000, true]);
    const [lua, native] = second!.functions;
    // At the line that had most of its time.
    assert.deepEqual([lua?.file, lua?.chunk, lua?.line], ['/srv/a.lua', '@/srv/a.lua', 12]);
    assert.ok(Math.abs(lua!.share - 0.65) < 1e-9);
    assert.deepEqual([native?.name, native?.chunk, native?.share], ['deflate', '', 0.35]);
  });

  it('have a longest one in each second, and none where none ended', () => {
    const store = profile();
    const strip = stripOf(store, sinceStart, stallsOf(store, sinceStart), store.timeUs + 1);
    assert.equal(strip.columnUs, 1e6);
    assert.deepEqual([strip.longestUs[0], strip.longestUs[1]], [null, 12_000]);
    assert.ok(strip.longestUs[2]! >= 40_000);
  });

  it('leave a worker idle for the rest', () => {
    assert.deepEqual(loopWorkers(profile(), sinceStart), [{ pid: 100, idle: 0.5, queued: 0.01 }]);
  });

  it('are told to machines by the wall clock, and to people without tricks', () => {
    const seen = loopIn(profile());
    const answer = forMachines(seen, figures, Infinity);
    assert.equal(answer.stalls[1]?.timeMs, 1_700_000_002_000);
    assert.deepEqual(Object.keys(answer.stalls[1].functions[0]!), [
      'name',
      'file',
      'line',
      'share',
    ]);
    assert.equal(answer.estimated, false);
    const shown = lines(seen, figures, `nginx on ${hostile}`, 1);
    assert.match(shown.join('\n'), /1 shorter stalls are left out/);
    for (const each of shown) assert.doesNotMatch(each, seenByNobody);
  });
});
