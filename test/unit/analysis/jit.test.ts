import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { abortsOf, blacklistedIn, vmStates } from '../../../extension/analysis/jit';
import { meaningOf } from '../../../extension/analysis/jit-reasons';
import { PointLog } from '../../../extension/profile/points';
import { TableLog } from '../../../extension/profile/tables';
import { repositoryRoot } from '../../fixtures/root';

const NUMBERS = ['vm', 'traces', 'machineCodeBytes', 'machineCodeLimit', 'maxTraces', 'flushes'];
const all = { fromUs: -Infinity, toUs: Infinity };

function tableOf(name: string, names: readonly string[], rows: (string | number)[][]): TableLog {
  const keys = names.map((key) => ({ name: key, number: key === 'line' }));
  const info = { name, instrument: 'jit', shape: 'tables', unit: 'count', keys } as const;
  const log = new TableLog({ ...info, estimated: false });
  const ones = Float64Array.from(rows, () => 1);
  log.append(1e6, {
    series: name,
    pids: Uint32Array.from(rows, () => 1),
    keys: rows.flat(),
    counts: ones,
    sums: ones,
    least: ones,
    most: ones,
    bucketRows: new Uint32Array(),
    buckets: new Uint32Array(),
    bucketCounts: new Float64Array(),
  });
  return log;
}

describe("what LuaJIT's compiler does", () => {
  const points = new PointLog({
    name: 'jit.vms',
    instrument: 'jit',
    shape: 'points',
    unit: 'count',
    estimated: false,
    keys: NUMBERS.map((name) => ({ name, number: true })),
  });
  const seen: [second: number, pid: number, numbers: number[]][] = [
    [1, 8, [70, 10, 100, 1000, 4000, 1]],
    [1, 7, [50, 5, 50, 1000, 4000, 0]],
    [40, 8, [70, 20, 200, 1000, 4000, 3]],
    [90, 8, [70, 3, 30, 1000, 4000, 5]],
    [91, 8, [71, 1, 10, 1000, 4000, 0]],
  ];
  for (const [second, pid, numbers] of seen) {
    points.append(0, {
      series: 'jit.vms',
      pids: Uint32Array.of(pid),
      timesUs: Float64Array.of(second * 1e6),
      numbers: Float64Array.from(numbers),
      texts: [],
      stacks: new Uint32Array(),
    });
  }
  const aborts = tableOf(
    'jit.aborts',
    ['reason', 'file', 'line'],
    [
      ['trace too long', '@a.lua', 3],
      ['blacklisted', '@b.lua', 9],
      ['blacklisted', '@b.lua', 9],
    ],
  );
  const black = tableOf('jit.blacklisted', ['file', 'line', 'kind'], [['@b.lua', 9, 'loop']]);
  const series = {
    points: (name: string) => (name === 'jit.vms' ? points : undefined),
    table: (name: string) => ({ 'jit.aborts': aborts, 'jit.blacklisted': black })[name],
  };

  it('is told of each VM as it was last, with the flushes of the last minute', () => {
    const states = vmStates(series, all);
    assert.deepEqual(
      states.map(({ pid, traces, flushes, recentFlushes }) => [
        pid,
        traces,
        flushes,
        recentFlushes,
      ]),
      [
        [7, 5, 0, 0],
        [8, 3, 5, 2],
        [8, 1, 0, 0],
      ],
    );
    assert.equal(vmStates(series, { fromUs: 60e6, toUs: 80e6 })[1]?.traces, 20);
  });

  it('is told by reason and line, most frequent first', () => {
    assert.deepEqual(abortsOf(series, all), [
      { reason: 'blacklisted', file: '@b.lua', line: 9, count: 2 },
      { reason: 'trace too long', file: '@a.lua', line: 3, count: 1 },
    ]);
    assert.deepEqual(blacklistedIn(series, all), [{ file: '@b.lua', line: 9, kind: 'loop' }]);
  });

  it('has a meaning for each reason that the probe has a text for', () => {
    const source = readFileSync(join(repositoryRoot, 'native/probe/luajit/abort_reason.c'), 'utf8');
    const list = /texts\[\] = \{(.*?)\};/s.exec(source)![1]!;
    const reasons = [...list.matchAll(/"([^"]+)"/g)].map(([, text]) => text!);
    assert.ok(reasons.length > 30);
    assert.deepEqual(
      reasons.filter((reason) => meaningOf(reason) === ''),
      [],
    );
    assert.equal(meaningOf('constructor'), '');
  });
});
