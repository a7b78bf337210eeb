import assert from 'node:assert/strict';
import { heatOf, latencyBy, latencyOfAll, percentiles } from '../../../extension/analysis/latency';
import { bucketOf } from '../../../extension/profile/histogram';
import { TableLog } from '../../../extension/profile/tables';

const keys = [
  { name: 'uri', number: false },
  { name: 'status', number: true },
];

/** Tables that are filled by hand. */
class Tables {
  private readonly logs = new Map<string, TableLog>();

  table(name: string): TableLog | undefined {
    return this.logs.get(name);
  }

  /** One request, or what there is besides of it. */
  add(name: string, second: number, uri: string, status: number, value: number): void {
    let log = this.logs.get(name);
    const info = { name, instrument: 'requests', shape: 'tables', unit: 'us', keys } as const;
    if (log === undefined) this.logs.set(name, (log = new TableLog({ ...info, estimated: false })));
    log.append(second * 1e6, {
      series: name,
      pids: Uint32Array.of(1),
      keys: [uri, status],
      counts: Float64Array.of(1),
      sums: Float64Array.of(value),
      least: Float64Array.of(value),
      most: Float64Array.of(value),
      bucketRows: Uint32Array.of(1),
      buckets: Uint32Array.of(bucketOf(value)),
      bucketCounts: Float64Array.of(1),
    });
  }
}

describe('latencies of requests', () => {
  const tables = new Tables();
  const all = { fromUs: -Infinity, toUs: Infinity };
  before(() => {
    for (let i = 1; i <= 100; i++) tables.add('requests.latency', 10, '/a', 200, i * 1000);
    tables.add('requests.latency', 12, '/b', 500, 2_000_000);
    tables.add('requests.hidden', 12, '/b', 500, 500_000);
    tables.add('requests.upstream_response', 12, '/b', 500, 1_000_000);
    tables.add('requests.bytes_out', 12, '/b', 500, 321);
    tables.add('requests.latency', 13, '', 0, 7);
  });

  it('of subrequests are apart, with the servers that these were passed to', () => {
    const parts = new Tables();
    parts.add('requests.latency', 10, '/a', 200, 9000);
    parts.add('requests.subrequests', 10, '/b', 404, 4000);
    parts.add('requests.subrequests_upstream', 10, '/b', 404, 3000);
    const [row, ...more] = latencyBy(parts, all, 'uri', 'subrequests');
    assert.deepEqual(more, []);
    assert.deepEqual(
      [row?.key, row?.count, row?.sumUs, row?.upstreamUs, row?.hiddenUs, row?.bytesOut],
      ['/b', 1, 4000, 3000, 0, 0],
    );
    assert.equal(latencyOfAll(parts, all)?.sumUs, 9000);
  });

  it('are summed up by a key, with what other tables say of the same rows', () => {
    const rows = latencyBy(tables, all, 'uri');
    assert.deepEqual(
      rows.map(({ key, count, sumUs, maxUs }) => [key, count, sumUs, maxUs]),
      [
        ['/a', 100, 5_050_000, 100_000],
        ['/b', 1, 2_000_000, 2_000_000],
        ['not known', 1, 7, 7],
      ],
    );
    const { hiddenUs, upstreamUs, bytesOut, bytesIn } = rows[1]!;
    assert.deepEqual([hiddenUs, upstreamUs, bytesOut, bytesIn], [500_000, 1_000_000, 321, 0]);
    const { p50Us, p90Us, p99Us } = rows[0]!;
    for (const [seen, wanted] of [
      [p50Us, 50_000],
      [p90Us, 90_000],
      [p99Us, 99_000],
    ] as const) {
      assert.ok(Math.abs(seen - wanted) < 0.025 * wanted, `${seen} for ${wanted}`);
    }
  });

  it('are of the rows and the time that are asked for', () => {
    const where = new Map([['status', new Set(['500'])]]);
    assert.equal(latencyOfAll(tables, { ...all, where })?.count, 1);
    assert.equal(latencyOfAll(tables, { fromUs: 0, toUs: 11e6 })?.count, 100);
    assert.equal(latencyOfAll(tables, { fromUs: 0, toUs: 5e6 }), undefined);
    const status = latencyBy(tables, all, 'status').map(({ key }) => key);
    assert.deepEqual(status, ['200', '500', 'not known']);
  });

  it('lie in a map from the first request on, in rows that hold them', () => {
    const { timesUs, columnUs, edgesUs, counts, columns } = heatOf(tables, all, 15e6);
    assert.deepEqual([timesUs[0], columnUs, counts.length], [9e6, 1e6, 6]);
    const held = counts.map((column) => column.reduce((sum, count) => sum + count, 0));
    assert.deepEqual(held, [100, 0, 1, 1, 0, 0]);
    const row = counts[2]!.findIndex((count) => count > 0);
    assert.ok(edgesUs[row]! <= 2_000_000 && edgesUs[row + 1]! > 2_000_000);
    assert.deepEqual(
      edgesUs,
      [...edgesUs].sort((one, other) => one - other),
    );
    assert.deepEqual(
      percentiles(columns, 0.5).map((value) => value === null),
      [false, true, false, false, true, true],
    );
  });

  it('are nothing where nothing was seen', () => {
    const none = new Tables();
    assert.deepEqual(latencyBy(none, all, 'uri'), []);
    assert.deepEqual(heatOf(none, all, 1e9).counts, []);
  });

  it('make no more columns than can be seen', () => {
    const long = new Tables();
    for (let second = 1; second <= 3000; second++) {
      long.add('requests.latency', second, '/a', 200, 1000);
    }
    const { counts, columnUs } = heatOf(long, all, 3000e6);
    assert.equal(columnUs, 20e6);
    assert.ok(counts.length <= 180);
    assert.equal(
      counts.flat().reduce((sum, count) => sum + count, 0),
      3000,
    );
  });
});
