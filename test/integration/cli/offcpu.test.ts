import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BlockingGateway,
  kindsOfBlocking,
  startBlockingGateway,
} from '../../fixtures/blocking/start';
import { run, watching } from './command';

interface Answer {
  fromMs: number;
  toMs: number;
  timeSeconds: number;
  events: number;
  lost: number;
  functions: { name: string; file: string; line: number; self: number; total: number }[];
  reasons: { name: string; share: number }[];
}

const ROUNDS = 10;

describe('acupoint offcpu', function () {
  this.timeout(120_000);
  let gateway: BlockingGateway;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-offcpu-'));
    gateway = await startBlockingGateway({ compiled: false });
  });
  after(async () => {
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const master = () => ['--master', String(gateway.master), '--budget', '0'];

  /** Blocks in each way, and what that came to by the gateway's own ledger, in microseconds. */
  async function block(): Promise<Record<string, number>> {
    const before = await gateway.known();
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of kindsOfBlocking) await gateway.run(kind);
    const after = await gateway.known();
    return Object.fromEntries(
      kindsOfBlocking.map((kind) => [kind, after[kind]! - (before[kind] ?? 0)]),
    );
  }

  const shareOf = ({ functions }: Answer, kind: string) =>
    functions.find(({ name }) => name === kind || name === `M.${kind}`)?.total ?? 0;

  it('tells for how long each function was blocked, and by what', async () => {
    const began = Date.now();
    const ended = await watching(['offcpu', ...master(), '--json'], 'offcpu', block);
    assert.equal(ended.code, 130, ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    const known = ended.done;
    const all = Object.values(known).reduce((sum, us) => sum + us, 0) / 1e6;
    assert.ok(answer.timeSeconds > 0.98 * all, `${answer.timeSeconds} of ${all} s`);
    for (const kind of kindsOfBlocking) {
      const seconds = shareOf(answer, kind) * answer.timeSeconds;
      const expected = known[kind]! / 1e6;
      const off = Math.abs(seconds / expected - 1);
      assert.ok(off < 0.05, `${kind}: ${seconds} of ${expected} s in ${ended.stdout}`);
    }
    const reasons = answer.reasons.reduce((sum, { share }) => sum + share, 0);
    assert.ok(Math.abs(reasons - 1) < 1e-9, ended.stdout);
    assert.ok(answer.reasons.some(({ name }) => /^child /.test(name)));
    assert.ok(answer.events >= ROUNDS * kindsOfBlocking.length);
    assert.ok(began <= answer.fromMs && answer.fromMs < answer.toMs, ended.stdout);
    assert.ok(answer.toMs <= Date.now(), ended.stdout);
    assert.ok(answer.toMs - answer.fromMs >= all * 1000, ended.stdout);
  });

  it('prints functions and reasons', async () => {
    const ended = await watching(['offcpu', ...master()], 'offcpu', () => gateway.run('sleep'));
    assert.match(ended.stdout, /: blocked for \d.* in \d+\.\d s of workers, \d+ times, \d+ lost/);
    assert.match(ended.stdout, /\bsleep +blocking\.lua:\d+/);
    assert.match(ended.stdout, /^reason +share % +time +times$/m);
  });

  it('tells the same of a recording', async () => {
    const file = join(folder, 'x.acupoint');
    const args = ['record', ...master(), '--watch', 'offcpu', '--out', file];
    const ended = await watching(args, 'offcpu', block);
    assert.equal(ended.code, 130, ended.stderr);
    const again = await run('offcpu', '--from', file, '--json');
    assert.equal(again.code, 0, again.stderr);
    const answer = JSON.parse(again.stdout) as Answer;
    const seconds = shareOf(answer, 'execute') * answer.timeSeconds;
    assert.ok(Math.abs(seconds / (ended.done['execute']! / 1e6) - 1) < 0.05, again.stdout);
  });
});
