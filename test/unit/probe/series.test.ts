import assert from 'node:assert/strict';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Account, bytesOf } from '../../../extension/probe/account';
import { BatchDecoder } from '../../../extension/probe/decode';
import * as wire from '../../../extension/probe/generated/acupoint_pb';
import { ProbeError } from '../../../extension/probe/session';
import { MOST_POINTS } from '../../../extension/profile/points';
import {
  ALLOCATED,
  allocatedRows,
  CPU,
  cpuRows,
  type Columns,
  declared,
  LATENCY,
  latencyRows,
  type SeriesInit,
  VMS,
} from './wire-rows';

type BatchInit = MessageInitShape<typeof wire.BatchSchema>;

const first: BatchInit = {
  sequence: 1,
  timeUs: 250_000n,
  strings: ['handler', '/'],
  functions: [{ name: 1 }],
  frames: [{ function: 1, kind: wire.FrameKind.FRAME_LUA }],
  stackParents: [0],
  stackFrames: [1],
  labels: [{}],
  requests: [{ uri: 2 }],
  series: declared,
};

const decode = (...batches: BatchInit[]) => {
  const decoder = new BatchDecoder();
  return batches.map((init, i) =>
    decoder.decode(create(wire.BatchSchema, { timeUs: 250_000n, sequence: i + 1, ...init })),
  );
};
const row = { stacks: [1], pids: [42], labels: [1], counts: [1] };

describe('Series on the wire', () => {
  it('come as rows by stack, whose counts or rows have values', () => {
    const stacks = [
      cpuRows({ stacks: [1, 0], pids: [42, 43], labels: [1, 0], requests: [1, 0], counts: [2, 1] }),
      allocatedRows({ ...row, counts: [0], values: [2n ** 40n] }),
    ];
    const [, two] = decode(first, { stacks });
    const [cpu, allocated] = two!.batch.stacks;
    assert.deepEqual(cpu, {
      series: 'cpu',
      stacks: Uint32Array.of(1, 0),
      pids: Uint32Array.of(42, 43),
      labels: Uint32Array.of(1, 0),
      requests: Uint32Array.of(1, 0),
      counts: Uint32Array.of(2, 1),
      values: 10_101,
    });
    assert.equal(allocated!.series, 'allocated');
    assert.deepEqual(allocated!.values, Float64Array.of(2 ** 40));
    assert.equal(allocated!.requests.length, 0);
  });

  it('come as rows of a table, whose keys are texts and numbers', () => {
    const tables = [
      latencyRows([
        { uri: 2, us: 5 },
        { uri: 1, us: 5000 },
      ]),
    ];
    const [, two] = decode(first, { tables });
    assert.deepEqual(two!.batch.tables, [
      {
        series: 'requests.latency',
        pids: Uint32Array.of(101, 101),
        keys: ['/', 200, 'handler', 200],
        counts: Float64Array.of(1, 1),
        sums: Float64Array.of(5, 5000),
        least: Float64Array.of(5, 5000),
        most: Float64Array.of(5, 5000),
        bucketRows: Uint32Array.of(1, 1),
        buckets: Uint32Array.of(5, 32 * 7 + (5000 >> 7)),
        bucketCounts: Float64Array.of(1, 1),
      },
    ]);
  });

  it('come as points', () => {
    const points = [{ series: VMS, pids: [42], timesUs: [5n], numbers: [1.5, -2], texts: [2] }];
    const [, two] = decode(first, { points });
    assert.deepEqual(two!.batch.points, [
      {
        series: 'jit.vms',
        pids: Uint32Array.of(42),
        timesUs: Float64Array.of(5),
        numbers: Float64Array.of(1.5, -2),
        texts: ['/'],
        stacks: new Uint32Array(),
      },
    ]);
  });

  it('are declared once, before their rows', () => {
    const [one, two] = decode(
      { ...first, series: declared.slice(0, 1) },
      { series: declared.slice(1) },
    );
    assert.deepEqual(
      [...one!.batch.series, ...two!.batch.series].map(({ name, shape }) => [name, shape]),
      [
        ['cpu', 'stacks'],
        ['allocated', 'stacks'],
        ['requests.latency', 'tables'],
        ['jit.vms', 'points'],
      ],
    );
  });

  it('come with how their instruments are', () => {
    const instruments = [
      {
        instrument: 'allocations',
        on: true,
        watchedUs: 20_000n,
        elapsedUs: 1_000_000n,
        events: 900n,
        value: 65_536n,
        lostEvents: 2n,
        lostValue: 5n,
        requests: 12n,
        requestScope: wire.RequestScope.REQUESTS_OF_WORKERS,
        costPercent: 0.5,
        missing: 'x',
      },
    ];
    const [one, two] = decode({ ...first, health: {}, instruments }, { health: {} });
    assert.deepEqual(one!.health?.instruments, [
      {
        instrument: 'allocations',
        on: true,
        watchedUs: 20_000,
        elapsedUs: 1_000_000,
        events: 900,
        value: 65_536,
        lostEvents: 2,
        lostValue: 5,
        requests: 12,
        requestScope: 'workers',
        costPercent: 0.5,
        missing: 'x',
      },
    ]);
    assert.deepEqual(two!.health?.instruments, []);
  });

  it('cost an account what is kept of them', () => {
    const account = new Account();
    const decoder = new BatchDecoder(account);
    let sequence = 0;
    const costOf = (init: BatchInit): number => {
      const before = account.bytes;
      decoder.decode(create(wire.BatchSchema, { sequence: ++sequence, timeUs: 250_000n, ...init }));
      return account.bytes - before - bytesOf.batch;
    };
    costOf(first);
    costOf({ stacks: [cpuRows(row)] });
    assert.equal(costOf({ stacks: [cpuRows(row)] }), bytesOf.row);
    assert.equal(costOf({ stacks: [allocatedRows({ ...row, values: [1n] })] }), bytesOf.valuedRow);
    const latency = (us: number) => ({ tables: [latencyRows([{ uri: 2, us }])] });
    const key = bytesOf.char * '/200'.length;
    const tableRow = bytesOf.tableRow + bytesOf.tableBucket + key;
    assert.equal(costOf(latency(5)), tableRow + bytesOf.pid);
    assert.equal(costOf(latency(5)), 0, 'rows of equal keys become one');
    assert.equal(costOf(latency(6)), bytesOf.tableBucket);
    assert.equal(costOf({ ...latency(6), timeUs: 10_000_001n }), tableRow, 'in ten seconds');
    const points = (count: number): BatchInit => ({
      timeUs: 10_000_001n,
      points: [
        {
          series: VMS,
          pids: Array<number>(count).fill(42),
          timesUs: Array<bigint>(count).fill(0n),
          numbers: Array<number>(2 * count).fill(0),
        },
      ],
    });
    assert.equal(costOf(points(3)), 3 * bytesOf.point);
    assert.equal(
      costOf(points(MOST_POINTS)),
      (MOST_POINTS - 3) * bytesOf.point,
      'no more are kept',
    );
  });

  const series = (changes: SeriesInit): BatchInit => ({
    series: [{ name: 'x', shape: wire.Shape.TABLES, ...changes }],
  });
  const stack = (changes: Columns<wire.StackRows>): BatchInit => ({
    stacks: [cpuRows({ ...row, ...changes })],
  });
  const table = (changes: Columns<wire.TableRows>): BatchInit => ({
    tables: [{ ...latencyRows([{ uri: 2, us: 100 }]), ...changes }],
  });
  const point = (changes: Columns<wire.Points>): BatchInit => ({
    points: [{ series: VMS, pids: [42], timesUs: [5n], numbers: [1, 2], ...changes }],
  });
  const state = (changes: Columns<wire.InstrumentState>): BatchInit => ({
    health: {},
    instruments: [{ instrument: 'jit', ...changes }],
  });
  const tooMany = Array.from({ length: 65 }, (_, i) => ({
    name: `${i}`,
    shape: wire.Shape.POINTS,
  }));
  const violations: [string, BatchInit, RegExp][] = [
    ['a series without a name', series({ name: '' }), /one without a name/],
    ['a series of no shape', series({ shape: wire.Shape.NONE }), /series shape: 0/],
    ['a shape that is not known', series({ shape: 4 as wire.Shape }), /series shape: 4/],
    ['a series twice', { series: [declared[0]!] }, /series cpu: a second time/],
    ['a known series in another shape', series({ name: 'offcpu' }), /offcpu: tables of/],
    [
      'a known series in another unit',
      series({ name: 'offcpu', shape: wire.Shape.STACKS, unit: 'bytes' }),
      /offcpu: stacks of bytes/,
    ],
    ['keys of stacks', series({ shape: wire.Shape.STACKS, keys: [{}] }), /x keys: 1 is more/],
    ['nine keys', series({ keys: Array(9).fill({}) as object[] }), /x keys: 9 is more/],
    ['two keys of one name', series({ keys: [{ name: 'a' }, { name: 'a' }] }), /two keys/],
    ['a name longer than any', series({ name: 'x'.repeat(65) }), /series name length/],
    ['too many series', { series: tooMany }, /series: 69 is more than the 64/],
    ['rows of no series', stack({ series: 0 }), /stacks: series 0 of 4/],
    ['rows of a series that is not declared', stack({ series: 5 }), /stacks: series 5 of 4/],
    ['rows of another shape', stack({ series: LATENCY }), /requests.latency has tables/],
    ['rows of a series twice', { stacks: [cpuRows(row), cpuRows(row)] }, /cpu twice in a batch/],
    ['columns of two lengths', stack({ pids: [] }), /cpu: columns of 1, 0, 1, 1/],
    ['requests of another length', stack({ requests: [1, 1] }), /1 rows, and 2 requests/],
    ['values of another length', stack({ values: [1n, 1n] }), /1 rows, and 2 values/],
    ['a stack that was not sent', stack({ stacks: [2] }), /row stack: 2 of 1/],
    ['labels that were not sent', stack({ labels: [2] }), /row labels: 2 of 1/],
    ['a request that was not sent', stack({ requests: [2] }), /row request: 2 of 1/],
    ['a value beyond all numbers', stack({ series: ALLOCATED, values: [2n ** 53n] }), /values/],
    ['keys of another length', table({ keys: [2] }), /1 keys of 1 rows of 2/],
    ['a key that was not sent', table({ keys: [3, 200] }), /uri: string 3 of 2/],
    ['columns of a table of two lengths', table({ sums: [] }), /columns of 1,1,0,1,1/],
    ['a sum of no values', table({ counts: [0n] }), /0 values from 100 to 100 add up to 100/],
    ['a sum below its values', table({ sums: [99n] }), /add up to 99/],
    ['a sum above its values', table({ sums: [102n] }), /add up to 102/],
    ['a least above the most', table({ least: [101n] }), /from 101 to 100/],
    ['buckets of fewer values', table({ bucketCounts: [0n] }), /buckets of 0 of 1/],
    ['buckets of more values', table({ bucketCounts: [2n] }), /buckets of 2 of 1/],
    ['a bucket beyond all values', table({ buckets: [1568] }), /bucket 1568/],
    [
      'a bucket twice',
      table({ bucketRows: [2], buckets: [5, 5], bucketCounts: [0n, 1n] }),
      /bucket 5/,
    ],
    ['more buckets than there are', table({ bucketRows: [2] }), /fewer buckets/],
    ['buckets of no row', table({ bucketRows: [0] }), /buckets of 0 of 1/],
    ['buckets beside', table({ bucketRows: [] }), /more buckets than rows have/],
    ['bucket columns of two lengths', table({ bucketCounts: [] }), /1 buckets, and 0 counts/],
    ['points of two lengths', point({ numbers: [1] }), /jit.vms: columns of 1, 1, 1/],
    ['a point that is no number', point({ numbers: [1, NaN] }), /a number that is none/],
    ['a text that was not sent', point({ texts: [9] }), /text: string 9/],
    ['texts of another length', point({ texts: [1, 1] }), /1 points, and 2 texts/],
    ['a stack of a point that was not sent', point({ stacks: [2] }), /row stack: 2 of 1/],
    ['a time beyond all numbers', point({ timesUs: [2n ** 63n] }), /jit.vms time/],
    ['a sum of an instrument beyond all', state({ value: 2n ** 63n }), /instrument value/],
    ['a cost that is no number', state({ costPercent: NaN }), /instrument cost/],
    ['a scope that is not known', state({ requestScope: 3 as wire.RequestScope }), /scope: 3/],
    ['a reason longer than any', state({ missing: 'x'.repeat(70_000) }), /instrument missing/],
    ['an instrument twice', { health: {}, instruments: [{}, {}] }, /one twice/],
  ];
  for (const [what, init, detail] of violations) {
    it(`are refused with ${what}`, () => {
      assert.throws(
        () => decode(first, init),
        (error) =>
          error instanceof ProbeError &&
          error.kind === 'corrupt-stream' &&
          (assert.match(error.detail, detail), true),
      );
    });
  }

  it('are refused with values of rows after values of counts', () => {
    const valued = { series: CPU, ...row, values: [1n] };
    assert.throws(() => decode(first, stack({}), { stacks: [valued] }), {
      detail: /values of rows and of counts/,
    });
  });
});
