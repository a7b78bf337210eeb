import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type StallingGateway,
  startStallingGateway,
  waysToStall,
  type WayToStall,
} from '../../fixtures/loop/start';
import { run, watching } from './command';

interface Answer {
  fromMs: number;
  toMs: number;
  iterations: { count: number; p50Ms: number; p99Ms: number; maxMs: number };
  stalls: {
    timeMs: number;
    lengthMs: number;
    functions: { name: string; file: string; line: number; share: number }[];
  }[];
}

const ROUNDS = 5;

describe('acupoint loop', function () {
  this.timeout(120_000);
  let gateway: StallingGateway;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-loop-'));
    gateway = await startStallingGateway();
  });
  after(async () => {
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const master = () => ['--master', String(gateway.master), '--budget', '0'];

  /** Stalls in each way; when each was asked for, and how many iterations there were. */
  async function stall() {
    const before = gateway.iterations().length;
    const asked: { way: WayToStall; fromMs: number; toMs: number }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const way of waysToStall) {
        const fromMs = Date.now();
        await gateway.stall(way, 0.03);
        asked.push({ way, fromMs, toMs: Date.now() });
      }
    await gateway.ask();
    return { asked, iterations: gateway.iterations().length - before };
  }

  it('lists each stall with its time and its culprit', async () => {
    const ended = await watching(['loop', ...master(), '--json'], 'loop', stall);
    assert.equal(ended.code, 130, ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    const { asked, iterations } = ended.done;
    for (const { way, fromMs, toMs } of asked) {
      const found = answer.stalls.filter(
        ({ timeMs, lengthMs }) => timeMs > fromMs - 5 && timeMs + lengthMs < toMs + 10,
      );
      const culprits = found.map(({ functions }) => functions[0]);
      assert.ok(
        culprits.some((culprit) => culprit?.name.endsWith(way) && culprit.file.endsWith('.lua')),
        `${way}: ${JSON.stringify(found)}`,
      );
    }
    const { count, p50Ms, p99Ms, maxMs } = answer.iterations;
    assert.ok(count > 0.9 * iterations, `${count} of ${iterations} iterations`);
    assert.ok(p50Ms <= p99Ms && p99Ms <= maxMs && maxMs >= 30, ended.stdout);
  });

  it('prints stalls with their lines', async () => {
    const ended = await watching(['loop', ...master()], 'loop', stall);
    assert.match(ended.stdout, /: \d+ iterations counted in \d+\.\d s of workers, 0 lost/);
    assert.match(ended.stdout, /^an iteration takes .* \(p50\), .* \(p99\), .* at most$/m);
    assert.match(
      ended.stdout,
      /^\d\d:\d\d:\d\d\.\d{3} .* ms +\d+ .*execute {2}.*stalling\.lua:3\d$/m,
    );
    assert.match(ended.stdout, /^worker +idle % +without CPU %$/m);
  });

  it('tells the same of a recording', async () => {
    const file = join(folder, 'x.acupoint');
    const args = ['record', ...master(), '--watch', 'loop', '--out', file];
    const ended = await watching(args, 'loop', stall);
    assert.equal(ended.code, 130, ended.stderr);
    const again = await run('loop', '--from', file, '--json');
    assert.equal(again.code, 0, again.stderr);
    const { stalls, iterations } = JSON.parse(again.stdout) as Answer;
    // Who reads the pipe may find its writer awake.
    assert.ok(stalls.length >= ROUNDS * (waysToStall.length - 1), again.stdout);
    assert.ok(iterations.count > 0);
  });
});
