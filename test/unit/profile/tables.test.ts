import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bucketOf } from '../../../extension/profile/histogram';
import type { KeyValue, SeriesInfo, TableRows } from '../../../extension/profile/rows';
import { TableLog, type TableQuery } from '../../../extension/profile/tables';

const info: SeriesInfo = {
  name: 'requests.latency',
  instrument: 'requests',
  shape: 'tables',
  unit: 'us',
  estimated: false,
  keys: [
    { name: 'uri', number: false },
    { name: 'status', number: true },
  ],
};
const all: TableQuery = { fromUs: -Infinity, toUs: Infinity };

interface Request {
  uri: string;
  status: number;
  pid: number;
  us: number;
}

/** A row for each request, as a probe has it that adds none up. */
function rowsOf(requests: readonly Request[]): TableRows {
  const us = Float64Array.from(requests, (request) => request.us);
  const ones = new Float64Array(requests.length).fill(1);
  return {
    series: info.name,
    pids: Uint32Array.from(requests, ({ pid }) => pid),
    keys: requests.flatMap(({ uri, status }): KeyValue[] => [uri, status]),
    counts: ones,
    sums: us,
    least: us,
    most: us,
    bucketRows: new Uint32Array(requests.length).fill(1),
    buckets: Uint32Array.from(us, bucketOf),
    bucketCounts: ones,
  };
}

const request = (us: number, changes: Partial<Request> = {}): Request => ({
  uri: '/a',
  status: 200,
  pid: 1,
  us,
  ...changes,
});

const requests: fc.Arbitrary<Request> = fc.record({
  uri: fc.constantFrom('/a', '/b', '/a:1', ''),
  status: fc.constantFrom(200, 404, 500),
  pid: fc.constantFrom(1, 2),
  us: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 10_000_000 })),
});
/** Seconds between batches: some hundreds of them make old ones one. */
const batches = fc.array(
  fc.record({
    after: fc.constantFrom(0.25, 1, 60, 400),
    requests: fc.array(requests, { maxLength: 20 }),
  }),
  { maxLength: 12 },
);

describe('A table', () => {
  it('adds up, and knows percentiles to 2.5 %, by any of its keys and whatever its age', () => {
    fc.assert(
      fc.property(batches, fc.subarray(['uri', 'status']), (sent, by) => {
        const log = new TableLog(info);
        let timeUs = 0;
        for (const batch of sent) log.append((timeUs += batch.after * 1e6), rowsOf(batch.requests));
        const groups = new Map<string, number[]>();
        for (const each of sent.flatMap((batch) => batch.requests)) {
          const id = JSON.stringify(by.map((key) => each[key as 'uri' | 'status']));
          groups.set(id, [...(groups.get(id) ?? []), each.us]);
        }
        const rows = log.rows(all, by);
        assert.equal(rows.length, groups.size);
        for (const row of rows) {
          const values = groups.get(JSON.stringify(row.keys))!.sort((a, b) => a - b);
          const sum = values.reduce((a, b) => a + b, 0);
          assert.deepEqual(
            [row.count, row.sum, row.least, row.most],
            [values.length, sum, values[0], values.at(-1)],
          );
          for (const [part, found] of [
            [0.5, row.p50],
            [0.9, row.p90],
            [0.99, row.p99],
            [0.999, row.p999],
          ] as const) {
            const exact = values[Math.ceil(part * values.length) - 1]!;
            assert.ok(Math.abs(found! - exact) <= exact * 0.025, `${found}, not ${exact}`);
            assert.ok(found! >= row.least && found! <= row.most);
          }
        }
      }),
    );
  });

  it('is of a window of time, of some processes and of some keys', () => {
    const log = new TableLog(info);
    log.append(1e6, rowsOf([request(10), request(20, { uri: '/b' })]));
    log.append(2e6, rowsOf([request(30, { pid: 2 }), request(40, { status: 500 })]));
    const sums = (query: Partial<TableQuery>) =>
      log.rows({ ...all, ...query }, []).map(({ sum }) => sum);
    assert.deepEqual(sums({}), [100]);
    assert.deepEqual(sums({ fromUs: 1e6 + 1 }), [70]);
    assert.deepEqual(sums({ toUs: 2e6 }), [30]);
    assert.deepEqual(sums({ pids: Uint32Array.of(2) }), [30]);
    assert.deepEqual(sums({ pids: new Uint32Array() }), [100]);
    assert.deepEqual(sums({ where: new Map([['uri', new Set(['/b'])]]) }), [20]);
    assert.deepEqual(sums({ where: new Map([['status', new Set([200, 404])]]) }), [60]);
    assert.deepEqual(sums({ fromUs: 9e6 }), []);
    const firstLetters = (_key: string, value: KeyValue) => String(value).slice(0, 1);
    assert.deepEqual(
      log.rows({ ...all, as: firstLetters }, ['uri', 'status']).map(({ keys }) => keys),
      [
        ['/', '2'],
        ['/', '5'],
      ],
    );
  });

  it('stands in columns of time', () => {
    const log = new TableLog(info);
    log.append(1e6, rowsOf([request(10)]));
    log.append(2e6, rowsOf([request(10), request(50)]));
    log.append(9.5e6, rowsOf([request(7)]));
    const map = log.columns(all, 1e6, 10e6);
    assert.deepEqual([map.fromUs, map.columnUs, map.columns.length], [0, 1e6, 10]);
    assert.deepEqual(map.columns[0], { buckets: [10], counts: [1] });
    assert.deepEqual(map.columns[1], { buckets: [10, 50], counts: [1, 1] });
    assert.deepEqual(map.columns[2], { buckets: [], counts: [] });
    assert.deepEqual(map.columns[9], { buckets: [7], counts: [1] });
    // As many as a screen has room for, whatever is asked for.
    const long = log.columns(all, 1, 3600e6);
    assert.ok(long.columns.length <= 4096 && long.columnUs >= 3600e6 / 4096);
    assert.deepEqual(log.columns({ fromUs: 5, toUs: 5 }, 1e6, 10e6).columns, []);
  });

  it('has no percentiles where it keeps no buckets', () => {
    const log = new TableLog({ ...info, keys: [] });
    const rows = rowsOf([request(3), request(4)]);
    const none = { bucketRows: new Uint32Array(), buckets: new Uint32Array() };
    log.append(1, { ...rows, ...none, bucketCounts: new Float64Array(), keys: [] });
    const [row] = log.rows(all, []);
    assert.deepEqual([row!.count, row!.p50, row!.p999], [2, null, null]);
  });

  it('keeps fewer rows of what is old', () => {
    const log = new TableLog(info);
    for (let second = 0; second < 4000; second++)
      log.append(second * 1e6, rowsOf([request(second)]));
    // Five minutes by the second, the rest by ten.
    assert.ok(log.intervals <= 301 + 371, `${log.intervals}`);
    assert.equal(log.rows(all, [])[0]!.count, 4000);
    log.clear();
    assert.deepEqual(log.rows(all, []), []);
  });

  it('refuses columns that do not fit, and takes nothing of them in', () => {
    const log = new TableLog(info);
    const rows = rowsOf([request(1)]);
    const bad: Partial<TableRows>[] = [
      { keys: ['/a'] },
      { sums: new Float64Array() },
      { bucketRows: Uint32Array.of(1, 1) },
      { bucketRows: Uint32Array.of(2) },
      { bucketCounts: new Float64Array() },
    ];
    for (const changes of bad)
      assert.throws(() => log.append(1, { ...rows, ...changes }), RangeError);
    assert.throws(() => log.rows(all, ['host']), RangeError);
    assert.deepEqual(log.rows(all, []), []);
  });
});
