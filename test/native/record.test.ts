import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '../fixtures/wait';
import { recorderPath, runProbe, runRecorder } from './binary';
import { keepBusy, type Nginx, startNginx } from './nginx';

interface Recording {
  meta: { version: string; sampler: string; seconds: number; rateHz: number; pids: number[] };
  frames: { name: string; file: string; definedLine: number; line: number; kind: string }[];
  stacks: { frames: number[]; pid: number; vmState: string; quality: string; count: number }[];
  quality: Record<string, number>;
  health: { samples: number; lost: number; rssBytes: number };
}

describe('recording from the command line', () => {
  let nginx: Nginx;
  let busy: { stop(): Promise<void> };
  before(async () => {
    nginx = await startNginx();
    busy = keepBusy(nginx);
  });
  after(async () => {
    await busy.stop();
    await nginx.stop();
  });

  it('writes folded stacks', async () => {
    const run = await runRecorder(['--master', String(nginx.pid), '--seconds', '1']);
    assert.equal(run.code, 0, run.stderr);
    const lines = run.stdout.trimEnd().split('\n');
    for (const line of lines) assert.match(line, /^[^\n]+ \d+$/);
    assert.equal(new Set(lines.map((line) => line.replace(/ \d+$/, ''))).size, lines.length);
    assert.match(run.stderr, /\d+ samples in \d/);
  });

  it('writes JSON whose parts fit together', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acupoint-record-'));
    try {
      const out = join(folder, 'x.json');
      const args = ['--pid', String(nginx.workers()[0]), '--seconds', '1'];
      const run = await runRecorder([...args, '--rate', '499', '--format', 'json', '--out', out]);
      assert.equal(run.code, 0, run.stderr);
      const recording = JSON.parse(await readFile(out, 'utf8')) as Recording;
      assert.equal(recording.meta.rateHz, 499);
      assert.deepEqual(recording.meta.pids, nginx.workers());
      const total = recording.stacks.reduce((sum, { count }) => sum + count, 0);
      assert.equal(total, recording.health.samples);
      assert.ok(total > 20, `${total} samples`);
      for (const { frames } of recording.stacks) {
        for (const frame of frames) assert.ok(frame >= 0 && frame < recording.frames.length);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('has all samples of a process that ends meanwhile', async () => {
    const script = 'local till = os.clock() + 0.7 while os.clock() < till do end';
    const child = spawn('luajit', ['-e', script], { stdio: 'ignore' });
    const closed = once(child, 'close');
    const args = ['--pid', String(child.pid), '--seconds', '60', '--rate', '999'];
    const run = await runRecorder([...args, '--format', 'json']);
    await closed;
    assert.match(run.stderr, /All traced processes have stopped/);
    const { health, stacks } = JSON.parse(run.stdout) as Recording;
    const total = stacks.reduce((sum, { count }) => sum + count, 0);
    assert.deepEqual([health.samples, health.lost], [total, 0]);
    assert.ok(total > 20, `${total} samples`);
  });

  it('writes what it has when it is interrupted', async () => {
    const args = ['--master', String(nginx.pid), '--seconds', '600'];
    const child = spawn(recorderPath(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const closed = once(child, 'close');
    await waitFor('the VM', () => stderr.includes('Lua VM'));
    await nginx.load();
    await nginx.load();
    child.kill('SIGINT');
    assert.deepEqual(await closed, [0, null]);
    assert.match(stderr, /\d+ samples in \d/);
    if (!stderr.includes('\n0 samples')) assert.match(stdout, / \d+\n$/);
  });

  it('says what is wrong with its arguments', async () => {
    for (const [args, reason] of [
      [[], /--pid or --master/],
      [['--pid', '1'], /--seconds/],
      [['--pid', '1', '--seconds', '1', '--rate', '5000'], /--rate/],
      [['--pid', 'x', '--seconds', '1'], /not a pid/],
      [['--pid', '1', '--seconds', '1', '--format', 'svg'], /--format/],
    ] as const) {
      const run = await runRecorder(args);
      assert.equal(run.code, 2, args.join(' '));
      assert.match(run.stderr, reason);
    }
  });

  it('is no part of the probe, which says what is wrong with its own arguments', async () => {
    for (const [args, reason] of [
      [['serve', '--port', '80'], /unknown argument/],
      [['list', '--xml'], /unknown argument/],
      [['frobnicate'], /acupoint-probe list/],
      [['record', '--pid', '1', '--seconds', '1'], /acupoint-probe list/],
    ] as const) {
      const run = await runProbe(args);
      assert.equal(run.code, 2, args.join(' '));
      assert.match(run.stderr, reason);
    }
    assert.doesNotMatch((await runProbe(['--help'])).stdout, /record/);
  });

  it('fails in words when there is nothing to record', async () => {
    const run = await runRecorder(['--pid', '4194303', '--seconds', '1']);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /no process 4194303/);
  });
});
