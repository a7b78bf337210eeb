import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { startLoad, type Load } from '../../fixtures/gateway/load';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { isRunning } from '../../fixtures/running';
import { waitFor } from '../../fixtures/wait';
import { run, start } from './command';

interface Summary {
  samples: number;
  sampler: string;
  interrupted: boolean;
  lua: { samples: number; unknown: number };
  functions: { name: string; file: string; line: number; self: number; total: number }[];
}

/** Samples of a folded file whose stacks hold `frame`, and of all. */
function countFolded(folded: string, frame: string): { all: number; held: number } {
  let all = 0;
  let held = 0;
  for (const line of folded.trimEnd().split('\n')) {
    const space = line.lastIndexOf(' ');
    const count = Number(line.slice(space + 1));
    assert.ok(count > 0, line);
    all += count;
    if (line.slice(0, space).split(';').includes(frame)) held += count;
  }
  return { all, held };
}

describe('acupoint record', function () {
  this.timeout(60_000);
  let gateway: Gateway;
  let load: Load;
  let folder: string;
  let pid: number;
  let hotFrame: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-record-'));
    gateway = await startGateway();
    load = startLoad(gateway.port);
    pid = (await gateway.workerPids())[0]!;
    const { hotFunction, hotFile, hotLine } = gateway.expected;
    hotFrame = `${hotFunction} (${join(gateway.luaRoot, hotFile)}:${hotLine})`;
  });
  after(async () => {
    await load?.stop();
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const recording = (name: string, ...more: string[]) =>
    ['record', '--pid', String(pid), '--out', join(folder, name), ...more] as const;

  it('finds the hot function, and writes all samples as folded stacks', async () => {
    const ended = await run(...recording('x.folded', '--seconds', '3', '--rate', '499', '--json'));
    assert.equal(ended.code, 0, ended.stderr);
    const summary = JSON.parse(ended.stdout) as Summary;
    const { all, held } = countFolded(await readFile(join(folder, 'x.folded'), 'utf8'), hotFrame);
    assert.equal(all, summary.samples);
    assert.ok(held > 0, `${hotFrame} is in none of ${all} samples`);
    const hot = summary.functions.find(({ name }) => name === gateway.expected.hotFunction);
    assert.equal(hot?.line, gateway.expected.hotLine);
    assert.ok(Math.abs(hot.total - held / all) < 1e-9);
    const lua = summary.functions.filter(({ file }) => file.startsWith(gateway.luaRoot));
    assert.equal(lua[0]?.name, gateway.expected.hotFunction);
    assert.equal(summary.interrupted, false);
    assert.match(ended.stderr, new RegExp(`${all} samples of nginx .*worker ${pid}.*written to`));
  });

  it('writes speedscope and pprof that add up', async () => {
    const speedscope = await run(...recording('x.speedscope.json', '--seconds', '1', '--json'));
    const { samples } = JSON.parse(speedscope.stdout) as Summary;
    const file = JSON.parse(await readFile(join(folder, 'x.speedscope.json'), 'utf8')) as {
      profiles: { samples: number[][]; weights: number[]; endValue: number }[];
    };
    const weight = file.profiles[0]!.weights.reduce((sum, value) => sum + value, 0);
    assert.equal(weight, file.profiles[0]!.endValue);
    assert.ok(samples > 0 && weight > 0);

    const pprof = await run(...recording('x.pb.gz', '--seconds', '1', '--json'));
    const counted = (JSON.parse(pprof.stdout) as Summary).samples;
    const profile = Profile.decode(gunzipSync(await readFile(join(folder, 'x.pb.gz'))));
    const total = profile.sample.reduce((sum, { value }) => sum + Number(value[0]), 0);
    assert.equal(total, counted);
  });

  it('writes data and nothing else to stdout', async () => {
    const args = ['--master', String(gateway.masterPid), '--seconds', '1', '--out', '-'];
    const ended = await run('record', ...args, '--format', 'folded');
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(countFolded(ended.stdout, '').all > 0);
  });

  it('writes what there is on Ctrl-C, ends with 130, and leaves no probe', async () => {
    const running = start([...recording('early.folded', '--seconds', '60', '-v')]);
    const probe = await waitFor(
      'the probe',
      () => Number(/runs as process (\d+)/.exec(running.stderr())?.[1]),
      { describe: running.stderr },
    );
    await waitFor('samples', () => /sampled \d+/.test(running.stderr()));
    running.child.kill('SIGINT');
    const ended = await running.ended;
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stderr, /Ended early \(60 s were asked for\): \d+ samples/);
    assert.ok(countFolded(await readFile(join(folder, 'early.folded'), 'utf8'), '').all > 0);
    await waitFor('the probe to end', () => !isRunning(probe), { timeoutMs: 2000, promised: true });
  });

  it('writes what there is when the worker goes, and fails', async () => {
    const gone = start([...recording('gone.folded', '--seconds', '60', '-v')]);
    await waitFor('samples', () => /sampled \d+/.test(gone.stderr()));
    process.kill(pid, 'SIGKILL');
    const ended = await gone.ended;
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /Ended early/);
    assert.ok(countFolded(await readFile(join(folder, 'gone.folded'), 'utf8'), '').all > 0);
    pid = await waitFor('a new worker', async () => (await gateway.workerPids())[0]);
  });

  it('says before it samples that it could not write', async () => {
    const ended = await run('record', '--pid', '1', '--out', join(folder, 'nowhere/x.folded'));
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /nowhere\/x.folded: it does not exist/);
  });

  it('fails for a process that is not there, and leaves no file', async () => {
    const out = join(folder, 'none.folded');
    const ended = await run('record', '--pid', '4194303', '--out', out);
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^acupoint: .+/);
    assert.equal(ended.stdout, '');
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith('none')),
      [],
    );
  });
});
