import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoad, type Load } from '../../fixtures/gateway/load';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { run } from './command';

interface Table {
  seconds: number;
  samples: number;
  requests: number;
  owners: { name: string; share: number; cpuUsPerRequest: number }[];
}

interface Summary {
  samples: number;
  host: string;
  rateHz: number;
  target: { master: number };
  functions: unknown[];
}

describe('acupoint with recordings', function () {
  this.timeout(90_000);
  let gateway: Gateway;
  let load: Load;
  let folder: string;
  let file: string;
  let summary: Summary;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-recordings-'));
    file = join(folder, 'x.acupoint');
    gateway = await startGateway();
    load = startLoad(gateway.port);
    const which = ['--master', String(gateway.masterPid), '--seconds', '3', '--rate', '499'];
    const ended = await run('record', ...which, '--out', file, '--heap', '--json', '--budget', '0');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /Heap of worker \d+ recorded; paused [\d.]+ ms/);
    summary = JSON.parse(ended.stdout) as Summary;
    await load.stop();
    await gateway.stop();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('tell by plugin what was recorded, when the gateway is long gone', async () => {
    const ended = await run('plugins', '--from', file, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const table = JSON.parse(ended.stdout) as Table;
    assert.equal(table.samples, summary.samples);
    assert.ok(table.requests > 0);
    assert.ok(table.seconds > 2 && table.seconds < 5, `${table.seconds} s`);
    const sum = table.owners.reduce((all, { share }) => all + share, 0);
    assert.ok(Math.abs(sum - 1) < 1e-9);
    assert.equal(table.owners[0]?.name, 'jwt');
    const byUri = await run('plugins', '--from', file, '--by', 'uri');
    assert.match(byUri.stdout, /^\/[\w/-]+ +[\d.]+ /m);
    assert.match(byUri.stdout, /^sum +100\.0/m);
  });

  it('become the other formats, with all their samples', async () => {
    const out = join(folder, 'y.folded');
    const ended = await run('record', '--from', file, '--out', out, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const again = JSON.parse(ended.stdout) as Summary;
    const { functions, samples, rateHz, target } = summary;
    assert.deepEqual(
      [again.functions, again.samples, again.rateHz, again.target],
      [functions, samples, rateHz, target],
    );
    assert.notEqual(again.host, 'This machine');
    const folded = await readFile(out, 'utf8');
    const counted = folded.trimEnd().split('\n');
    const sum = counted.reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
    assert.equal(sum, samples);
  });

  it('keep the heap, to be analysed by other rules', async () => {
    const ended = await run('heap', '--from', file, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /Snapshot 1 of 1: worker \d+, taken 20/);
    const heap = JSON.parse(ended.stdout) as { reachedBytes: number; gcTotalBytes: number };
    assert.ok(heap.reachedBytes / heap.gcTotalBytes > 0.95);
    const grouped = await run('heap', '--from', file, '--group', 'mine=plugins/prometheus/');
    assert.match(grouped.stdout, /^mine +plugin/m);
    const other = await run('heap', '--from', file, '--pid', '1');
    assert.equal(other.code, 1);
    assert.match(other.stderr, /has these heap snapshots: 1: worker \d+/);
  });

  it('keep the memory of the workers', async () => {
    const ended = await run('memory', '--from', file, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const { workers, zones } = JSON.parse(ended.stdout) as {
      workers: { gcTotal: number }[];
      zones: unknown[];
    };
    assert.equal(workers.length, 1);
    assert.ok(workers[0]!.gcTotal > 100_000);
    assert.ok(zones.length > 0);
  });

  it('open up to where they were cut, and say so', async () => {
    const cut = join(folder, 'cut.acupoint');
    const whole = await readFile(file);
    await writeFile(cut, whole.subarray(0, whole.length - 100));
    const ended = await run('plugins', '--from', cut, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /The file is damaged: it is shown up to that place/);
    const { samples } = JSON.parse(ended.stdout) as Table;
    assert.ok(samples > 0 && samples <= summary.samples);
  });

  it('say what is wrong with a file that is none', async () => {
    const none = await run('plugins', '--from', join(folder, 'nowhere.acupoint'));
    assert.equal(none.code, 1);
    assert.match(none.stderr, /nowhere\.acupoint could not be read: it does not exist/);
    await writeFile(join(folder, 'text.acupoint'), 'a;b;c 12\n');
    const text = await run('record', '--from', join(folder, 'text.acupoint'), '--json');
    assert.equal(text.code, 1);
    assert.match(text.stderr, /is no recording of Acupoint/);
  });
});
