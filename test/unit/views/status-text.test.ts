import assert from 'node:assert/strict';
import {
  statusItem,
  type StatusFacts,
  type StatusItem,
} from '../../../extension/views/status-text';
import { describeTarget, tracesAll } from '../../../extension/capture/target';
import { processRows } from '../../../extension/views/attach/process-items';
import { master } from '../capture/fake-probe';

const facts: StatusFacts = {
  state: 'running',
  recorded: '',
  host: 'user@gateway',
  target: 'Kong 3.9.1, 2 workers',
  workers: 2,
  samplesPerSecond: 187.6,
  samples: 12345,
  lost: 0,
  memory: [],
  userPercent: 0.21,
  kernelPercent: 0.1,
  stoppedPercent: 0,
  burstsPercent: 0,
  budgetPercent: 1,
  rateHz: 99,
  askedHz: 99,
  sampler: 'BPF',
  samplerNote: '',
  message: '',
};

const saidBy = (item: StatusItem | undefined): readonly string[] => item?.tooltip ?? [];

describe('the status bar item', () => {
  it('says host, workers, rate and cost', () => {
    const item = statusItem(facts);
    assert.equal(item?.icon, 'flame');
    assert.equal(
      item?.text,
      'user@gateway · 2 workers · 188 samples/s · probe 0.21 + kernel 0.10 % CPU',
    );
    assert.equal(item.warning, false);
    assert.ok(saidBy(item).includes('12\u202f345 samples, 0 lost'));
  });

  it('says what watching allocations costs', () => {
    const item = statusItem({ ...facts, burstsPercent: 0.7 });
    assert.match(item?.text ?? '', /probe 0\.21 \+ kernel 0\.10 \+ bursts 0\.70 % CPU$/);
  });

  it('says that a recording is one, of when', () => {
    const item = statusItem({ ...facts, state: 'stopped', recorded: '2026-11-23 14:05' });
    assert.equal(item?.icon, 'archive');
    assert.equal(item?.text, 'user@gateway · recording of 2026-11-23 14:05 · 12\u202f345 samples');
    assert.equal(item.tooltip[0], 'Recording of 2026-11-23 14:05, on user@gateway');
  });

  it('says what memory each worker has', () => {
    const worker = {
      pid: 101,
      rssBytes: 64 * 2 ** 20,
      gcTotal: 12.5 * 2 ** 20,
      gcThreshold: 20 * 2 ** 20,
      gcEstimate: 10 * 2 ** 20,
      gcPhase: 'sweep' as const,
      vms: 1,
      gcDebt: 0,
      gcLow: 0,
      gcHigh: 0,
      gcCycles: 0,
      rssAnon: 0,
      rssFile: 0,
      rssShared: 0,
      swapped: 0,
      luaSegments: 0,
      luaAllocators: 0,
      cHeap: 0,
      sharedMapped: 0,
    };
    const lines = (memory: StatusFacts['memory']) => statusItem({ ...facts, memory })?.tooltip;
    assert.deepEqual(lines([worker])?.slice(-1), [
      'Worker 101: Lua 12.5 MB, next at 20.0 MB, collector sweeping; RSS 64.0 MB',
    ]);
    assert.deepEqual(lines([{ ...worker, vms: 0 }]), lines([]));
    assert.equal(lines(Array<typeof worker>(10).fill(worker))?.at(-1), 'and 2 workers more');
  });

  it('says what the budget is, and where it holds the rate down', () => {
    const item = statusItem({ ...facts, rateHz: 41, samplerNote: 'Each costs 0.1 ms.' });
    assert.match(item?.text ?? '', / · 41 of 99 Hz · probe /);
    assert.ok(saidBy(item).includes('Sampler: BPF, 41 of 99 Hz.'));
    const cost =
      'Cost: probe 0.21 + kernel 0.10 % CPU of one core; limit 1 % for each of 2 workers.';
    assert.ok(saidBy(item).includes(cost));
    assert.ok(saidBy(item).includes('Each costs 0.1 ms.'));
    const free = statusItem({ ...facts, budgetPercent: 0, stoppedPercent: 0.5 });
    assert.match(free?.tooltip.join() ?? '', /\+ stops 0\.50 % CPU of one core; no limit is set\./);
  });

  it('claims no cost in the kernel that nobody measured', () => {
    const item = statusItem({ ...facts, sampler: 'perf ring', kernelPercent: 0 });
    assert.match(item?.text ?? '', / · probe 0\.21 % CPU$/);
  });

  it('tells the states apart by icon and text', () => {
    const texts = (
      ['connecting', 'choosing', 'attaching', 'running', 'paused', 'stopped', 'failed'] as const
    ).map((state) => {
      const item = statusItem({ ...facts, state });
      return `${item?.icon} ${item?.text}`;
    });
    assert.equal(new Set(texts).size, 7);
    assert.match(texts[1]!, /choose a process/);
    assert.equal(statusItem({ ...facts, state: 'failed' })?.warning, true);
  });

  it('never calls a trace live that has no worker left', () => {
    const item = statusItem({ ...facts, workers: 0 });
    assert.match(item?.text ?? '', / · no worker is alive$/);
    assert.equal(item?.icon, 'warning');
  });

  it('is not there when there is nothing to say', () => {
    assert.equal(statusItem(undefined), undefined);
    assert.equal(statusItem({ ...facts, state: 'idle' }), undefined);
  });

  it('reads no icons from a host name', () => {
    const text = statusItem({ ...facts, host: 'a$(flame)b' })?.text ?? '';
    assert.ok(text.startsWith('a$ (flame)b · '), text);
  });
});

describe('the rows of the process picker', () => {
  it('put each master before its workers, the busiest first', () => {
    const quiet = { ...master, pid: 7, workers: [], container: 'abc', kind: 'nginx' as const };
    const rows = processRows([quiet, master]);
    assert.deepEqual(
      rows.map((row) => row.label),
      [
        'Kong 3.9.1 · master 100',
        'Kong 3.9.1',
        'worker 102',
        'worker 101',
        'nginx 3.9.1 · master 7',
        'nginx 3.9.1',
      ],
    );
    assert.equal(rows[1]?.description, 'pid 100 · :8000');
    assert.equal(
      rows[1]?.detail,
      'all 2 workers: 100.0 % CPU · /usr/local/kong/nginx.conf · runs as kong',
    );
    assert.match(rows[5]?.detail ?? '', /container abc/);
    assert.deepEqual(rows[2]?.chosen?.worker?.pid, 102);
  });

  it('say which workers may not be traced', () => {
    const [first, second] = master.workers;
    const rows = processRows([{ ...master, workers: [first!, { ...second!, refused: true }] }]);
    assert.match(rows[2]?.description ?? '', /· may not be traced by this user$/);
    assert.doesNotMatch(rows[3]?.description ?? '', /may not be traced/);
  });

  it('name each process by what it does for its master, and say where it comes or goes', () => {
    const [first] = master.workers;
    const titles = [
      'nginx: worker process',
      'nginx: master process /usr/sbin/nginx',
      'nginx: worker process is shutting down',
      'nginx: privileged agent process',
      'nginx: cache manager process',
      'nginx: cache loader process',
      'shop: price updater',
    ];
    const workers = titles.map((title, i) => ({
      ...first!,
      pid: 200 + i,
      cpuPercent: 9 - i,
      title,
    }));
    const rows = processRows([{ ...master, workers }]).slice(1);
    assert.match(rows[0]?.detail ?? '', /^all 3 workers and 4 others: /);
    assert.deepEqual(
      rows.slice(1).map(({ label }) => label),
      [
        'worker 200',
        'worker 201',
        'worker 202',
        'privileged agent 203',
        'cache manager 204',
        'cache loader 205',
        'process 206',
      ],
    );
    assert.match(rows[2]?.description ?? '', /· starting, in its init_worker phase$/);
    assert.match(rows[3]?.description ?? '', /· shutting down$/);
    assert.match(rows[7]?.description ?? '', /· shop: price updater$/);
    const [worker, agent] = [workers[0]!, workers[3]!];
    const one = { ...master, workers: [worker, agent] };
    assert.equal(describeTarget({ master: one }), 'Kong 3.9.1, 1 worker and 1 other process');
    assert.equal(
      describeTarget({ master: one, worker: agent }),
      'Kong 3.9.1, privileged agent 203',
    );
    assert.equal(tracesAll({ master: one, worker }), true);
    assert.equal(tracesAll({ master: one, worker: agent }), false);
  });

  it('call a process that serves by itself no master', () => {
    const [first] = master.workers;
    const workers = [{ ...first!, pid: master.pid, title: 'nginx -p /srv' }];
    const alone = { ...master, commandLine: 'nginx -p /srv', workers };
    assert.equal(processRows([alone])[0]?.label, 'Kong 3.9.1 · process 100');
    const title = 'nginx: worker process';
    const [head] = processRows([{ ...alone, commandLine: title }]);
    assert.equal(head?.label, 'Kong 3.9.1 · process 100, whose master is gone or hidden');
    assert.match(processRows([{ ...master, workers: [] }])[1]?.detail ?? '', /^no worker now · /);
  });

  it('show hostile text as text', () => {
    const rows = processRows([{ ...master, version: `$(zap)\u202e${'x'.repeat(5000)}` }]);
    const label = rows[1]?.label ?? '';
    assert.ok(label.length < 200);
    assert.ok(!label.includes('$(zap)') && !label.includes('\u202e'));
  });
});
