import assert from 'node:assert/strict';
import { memoryHints } from '../../../extension/profile/memory-hints';
import { MemoryHistory } from '../../../extension/profile/memory-history';
import { pointOf } from '../../webview/memory-points';

const MEBIBYTE = 2 ** 20;

describe('the history of memory', () => {
  const historyOf = (seconds: number, pid = 1) => {
    const history = new MemoryHistory();
    for (let second = 0; second < seconds; second++) {
      const gcTotal = (second % 10) * MEBIBYTE;
      history.add(pointOf(pid, second, { gcTotal, gcLow: gcTotal, gcHigh: gcTotal + 1 }));
    }
    return history;
  };

  it('keeps each second of ten minutes, and the peaks of an hour', () => {
    const points = historyOf(2 * 3600).of(1);
    const fine = points.slice(-600);
    assert.deepEqual([fine[0]!.atMs % 1000, fine[1]!.atMs - fine[0]!.atMs], [0, 1000]);
    const coarse = points.slice(0, -600);
    assert.ok(coarse.length >= 299 && coarse.length <= 301, `${coarse.length} points`);
    // The edges of the hour and of the ten minutes may cut a step.
    assert.ok(coarse.slice(1, -1).every(({ gcTotal }) => gcTotal === 9 * MEBIBYTE));
    const ranges = coarse.slice(1, -1).map(({ gcLow, gcHigh }) => [gcLow, gcHigh]);
    assert.ok(ranges.every(([low, high]) => low === 0 && high === 9 * MEBIBYTE + 1));
    const span = points.at(-1)!.atMs - points[0]!.atMs;
    assert.ok(span > 3580_000 && span < 3600_000, `${span} ms`);
    assert.ok(points.every(({ atMs }, i) => i === 0 || atMs > points[i - 1]!.atMs));
  });

  it('leaves out what comes from before, and forgets the worker that left first', () => {
    const history = historyOf(3);
    history.add(pointOf(1, 1));
    assert.equal(history.of(1).length, 3);
    for (let pid = 2; pid < 80; pid++) history.add(pointOf(pid, 10 + pid));
    assert.equal(history.pids.length, 64);
    assert.equal(history.of(1).length, 0);
    assert.equal(history.of(79).length, 1);
  });
});

describe('what memory says for certain', () => {
  const figures = (changes: object) => pointOf(1, 0, changes);

  it('tells an allocator that is mostly free from objects', () => {
    const [hint] = memoryHints(figures({ luaSegments: 300 * MEBIBYTE, gcTotal: 40 * MEBIBYTE }));
    assert.match(hint ?? '', /holds 300 MiB.*\(40 MiB\)/);
  });

  it('tells memory that is not of Lua', () => {
    const hints = memoryHints(figures({ rssAnon: 900 * MEBIBYTE, gcTotal: 100 * MEBIBYTE }));
    assert.equal(hints.length, 1);
    assert.match(hints[0]!, /At least 682 MiB/);
  });

  it('says nothing where it cannot know, or where there is nothing to say', () => {
    assert.deepEqual(memoryHints(figures({})), []);
    const large = { rssAnon: 900 * MEBIBYTE, luaSegments: 300 * MEBIBYTE, gcTotal: MEBIBYTE };
    assert.deepEqual(memoryHints(figures({ ...large, luaAllocators: 0 })), []);
    assert.deepEqual(memoryHints(figures({ ...large, vms: 2 })), []);
    assert.deepEqual(memoryHints(figures({ ...large, vms: 0, luaAllocators: 0 })), []);
  });
});
