import assert from 'node:assert/strict';
import * as jit from '../../../extension/cli/commands/jit';
import * as offcpu from '../../../extension/cli/commands/offcpu';
import * as requests from '../../../extension/cli/commands/requests';
import type { WatchFigures } from '../../../extension/capture/watch-log';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { FrameKind } from '../../../extension/profile/frames';
import { bucketOf } from '../../../extension/profile/histogram';
import type { KeyValue, SeriesInfo, TableRows } from '../../../extension/profile/rows';
import { hotFunctions } from '../../../extension/cli/hot-functions';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { tricks } from '../../fixtures/tricks';
import { emptyBatch } from '../profile/sample-profile';
import { stackRows } from '../profile/rows';

const hostile = Object.values(tricks).join('');
const seenByNobody = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

const figures: WatchFigures = {
  watchedUs: 20e6,
  elapsedUs: 20e6,
  events: 0,
  value: 0,
  lostEvents: 3,
  lostValue: 0,
  requests: 0,
  perRequest: null,
  requestsMissing: '',
  perRequestError: 0,
  perSecond: null,
};

function declared(name: string, shape: SeriesInfo['shape'], keys: readonly string[]): SeriesInfo {
  const numbers = ['status', 'line'];
  return {
    name,
    instrument: name.split('.')[0]!,
    shape,
    unit: 'us',
    estimated: false,
    keys: keys.map((key) => ({ name: key, number: shape === 'points' || numbers.includes(key) })),
  };
}

/** One row for each value. */
function table(
  series: string,
  rows: readonly (readonly [keys: readonly KeyValue[], value: number, count?: number])[],
): TableRows {
  const values = Float64Array.from(rows, ([, value]) => value);
  const counts = Float64Array.from(rows, ([, , count = 1]) => count);
  return {
    series,
    pids: new Uint32Array(rows.length).fill(100),
    keys: rows.flatMap(([keys]) => keys),
    counts,
    sums: values,
    least: values,
    most: values,
    bucketRows: new Uint32Array(rows.length).fill(1),
    buckets: Uint32Array.from(values, bucketOf),
    bucketCounts: counts,
  };
}

const empty = () => {
  const store = new ProfileStore(new TypeScriptEngine());
  store.beginRun(1_700_000_000_000);
  return store;
};

describe('acupoint offcpu', () => {
  /** f calls g, and g was blocked three times as long as f. */
  const blocked = () => {
    const store = empty();
    const lua = (name: string) => ({ name, file: '@/srv/a.lua', line: 7, lastLine: 9 });
    const frame = { kind: FrameKind.Lua, line: 8, flags: 0 };
    store.add({
      ...emptyBatch,
      timeUs: 1e6,
      functions: [lua('f'), lua(hostile)],
      frames: [
        { ...frame, function: 1 },
        { ...frame, function: 2 },
      ],
      stackParents: Uint32Array.of(0, 1),
      stackFrames: Uint32Array.of(1, 2),
      series: [declared('offcpu', 'stacks', []), declared('offcpu.reasons', 'tables', ['reason'])],
      stacks: [stackRows({ stacks: [1, 2], values: [250_000, 750_000] }, 'offcpu')],
      tables: [
        table('offcpu.reasons', [
          [['child (wait4)'], 800_000, 2],
          [[hostile], 200_000, 5],
        ]),
      ],
    });
    return store;
  };

  it('answers machines in fractions of the blocked time', async () => {
    const store = blocked();
    const rows = await hotFunctions(store, { ...sinceStart, measure: 'offcpu' }, 50);
    const answer = offcpu.forMachines(offcpu.blockedIn(store, figures), rows.rows);
    assert.deepEqual(answer.reasons, [
      { name: 'child (wait4)', share: 0.8 },
      { name: hostile, share: 0.2 },
    ]);
    const { functions, ...sums } = answer;
    assert.deepEqual(sums, { timeSeconds: 1, events: 7, lost: 3, reasons: answer.reasons });
    assert.deepEqual(functions[1], {
      name: 'f',
      file: '/srv/a.lua',
      line: 7,
      self: 0.25,
      total: 1,
    });
    assert.deepEqual(Object.keys(functions[0]!), ['name', 'file', 'line', 'self', 'total']);
    assert.equal(functions[0]!.self, 0.75);
  });

  it('prints functions and reasons', async () => {
    const store = blocked();
    const rows = await offcpu.shownRows(store, 50);
    const sums = offcpu.blockedIn(store, figures);
    const lines = offcpu.lines(sums, rows, figures, `nginx on ${hostile}`);
    assert.match(lines[0]!, /: blocked for 1\.00 s in 20\.0 s of workers, 7 times, 3 lost$/);
    assert.match(lines.join('\n'), /^ {3}25\.0 +100\.0 .*\bf {2}a\.lua:7/m);
    assert.match(lines.join('\n'), /^child \(wait4\) .* 80\.0 +800\.0 ms +2$/m);
    for (const line of lines) assert.doesNotMatch(line, seenByNobody);
  });

  it('has nothing to tell of where nothing was seen', async () => {
    assert.deepEqual(await offcpu.shownRows(empty(), 50), []);
    assert.deepEqual(offcpu.forMachines(offcpu.blockedIn(empty(), figures), []), {
      timeSeconds: 0,
      events: 0,
      lost: 3,
      functions: [],
      reasons: [],
    });
  });
});

describe('acupoint requests', () => {
  const keys = ['uri', 'route', 'host', 'method', 'status', 'phase', 'upstream'];
  const store = empty();
  const key = (uri: string, status: number) => [uri, '', 'h', 'GET', status, 'content', ''];
  store.add({
    ...emptyBatch,
    timeUs: 1e6,
    series: [
      declared('requests.latency', 'tables', keys),
      declared('requests.subrequests', 'tables', keys),
    ],
    tables: [
      table('requests.subrequests', [[key('/part', 404), 1_500]]),
      table('requests.latency', [
        ...Array.from({ length: 98 }, () => [key('/a', 200), 2_000] as const),
        [key('/a', 404), 50_000],
        [key(hostile, 0), 40],
      ]),
    ],
  });

  it('answers machines by the key that was asked for', () => {
    const byStatus = requests.forMachines(
      requests.latenciesIn(store, figures, 'status', 10),
      'status',
      requests.latenciesIn(store, figures, 'status', 10, 'subrequests'),
    );
    assert.deepEqual(byStatus.subrequests, {
      count: 1,
      rows: [{ ...byStatus.subrequests.rows[0]!, key: { status: 404 }, sumMs: 1.5 }],
    });
    const [first, second, third] = byStatus.rows;
    assert.equal(byStatus.requests, 100);
    assert.equal(byStatus.lost, 3);
    assert.equal(byStatus.estimated, false);
    assert.deepEqual(first?.key, { status: 200 });
    assert.equal(first?.count, 98);
    assert.equal(first?.sumMs, 196);
    for (const value of [first?.p50Ms, first?.p90Ms, first?.p99Ms, first?.p999Ms])
      assert.ok(Math.abs(value! - 2) < 0.05, `${value}`);
    assert.equal(first?.maxMs, 2);
    assert.deepEqual([second?.key, second?.maxMs], [{ status: 404 }, 50]);
    assert.deepEqual(third?.key, { status: 0 });
  });

  it('says where only bursts were watched, and which rows it leaves out', () => {
    const partial = { ...figures, watchedUs: 2e6 };
    const found = requests.latenciesIn(store, partial, 'uri', 1);
    const none = requests.latenciesIn(empty(), partial, 'uri', 1, 'subrequests');
    assert.deepEqual([found.estimated, found.left, found.count], [true, 1, 100]);
    const [head] = requests.lines(found, partial, 'uri', 'nginx', none);
    assert.match(
      head!,
      /^nginx: 100 requests seen in bursts in 2\.00 of 20\.0 s of workers, 3 lost$/,
    );
  });

  it('prints a table, harmless whatever a client sent', () => {
    const found = requests.latenciesIn(store, figures, 'uri', 10);
    const parts = requests.latenciesIn(store, figures, 'uri', 10, 'subrequests');
    const lines = requests.lines(found, figures, 'uri', 'nginx', parts);
    assert.match(lines.join('\n'), /^Within their time, subrequests:\n[^]*^\/part .* 1 +1\.5 /m);
    assert.match(lines.join('\n'), /^\/a .* 99 +246 +2\.0 +2\.0 +/m);
    for (const line of lines) assert.doesNotMatch(line, seenByNobody);
  });
});

describe('acupoint jit', () => {
  const vm = ['vm', 'traces', 'machineCodeBytes', 'machineCodeLimit', 'maxTraces', 'flushes'];
  const store = empty();
  store.add({
    ...emptyBatch,
    timeUs: 3e6,
    series: [
      declared('jit.vms', 'points', [...vm, 'hotloop', 'hotexit']),
      declared('jit.aborts', 'tables', ['reason', 'file', 'line']),
      declared('jit.blacklisted', 'tables', ['file', 'line', 'kind']),
    ],
    points: [
      {
        series: 'jit.vms',
        pids: Uint32Array.of(100, 100, 101),
        timesUs: Float64Array.of(1e6, 2e6, 2e6),
        // prettier-ignore
        numbers: Float64Array.of(
          1, 5, 4096, 524_288, 1000, 0, 56, 10,
          1, 9, 8192, 524_288, 1000, 1, 56, 10,
          2, 3, 2048, 524_288, 1000, 0, 56, 10,
        ),
        texts: [],
        stacks: new Uint32Array(),
      },
    ],
    tables: [
      table('jit.aborts', [
        [['NYI: bytecode', '@/srv/a.lua', 12], 4, 4],
        [['leaving loop in root trace', '@/srv/b.lua', 3], 9, 9],
        [[hostile, '=x', 1], 1, 1],
      ]),
      table('jit.blacklisted', [[['@/srv/a.lua', 12, 'loop'], 1]]),
    ],
  });

  it('answers machines with the last of each VM, and places as in the other commands', () => {
    const { vms, aborts, blacklisted } = jit.forMachines(jit.healthOf(store));
    const limit = { machineCodeLimit: 524_288 };
    assert.deepEqual(vms, [
      { pid: 100, traces: 9, machineCodeBytes: 8192, ...limit, flushes: 1 },
      { pid: 101, traces: 3, machineCodeBytes: 2048, ...limit, flushes: 0 },
    ]);
    assert.deepEqual(aborts.slice(0, 2), [
      { reason: 'leaving loop in root trace', file: '/srv/b.lua', line: 3, count: 9 },
      { reason: 'NYI: bytecode', file: '/srv/a.lua', line: 12, count: 4 },
    ]);
    assert.deepEqual(blacklisted, [{ file: '/srv/a.lua', line: 12, kind: 'loop' }]);
  });

  it('prints what each reason means, once', () => {
    const lines = jit.lines(jit.healthOf(store));
    const text = lines.join('\n');
    assert.match(text, /^NYI: bytecode +4 {2}\/srv\/a\.lua:12$/m);
    assert.match(text, /^NYI: bytecode:\n {4}\S/m);
    assert.match(text, /^loop .*\/srv\/a\.lua:12$/m);
    for (const line of lines) assert.doesNotMatch(line, seenByNobody);
  });
});
