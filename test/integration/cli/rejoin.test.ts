/** A command whose connection is lost: it goes on and says what is missing, or ends when told to. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoad, type Load } from '../../fixtures/gateway/load';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { Link } from '../../fixtures/link';
import { startSshd, type Sshd } from '../../fixtures/sshd';
import { waitFor } from '../../fixtures/wait';
import { run, start, type Running } from './command';

interface Summary {
  readonly samples: number;
  readonly gaps: readonly { readonly fromS: number; readonly toS: number }[];
}

describe('A recording whose connection is lost', function () {
  this.timeout(120_000);
  let gateway: Gateway;
  let load: Load;
  let sshd: Sshd;
  let link: Link;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-rejoin-'));
    sshd = await startSshd();
    gateway = await startGateway();
    load = startLoad(gateway.port);
  });
  beforeEach(async () => {
    link = await Link.to(sshd.port);
  });
  afterEach(() => link.stop());
  after(async () => {
    await load?.stop();
    await gateway?.stop();
    await sshd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function underWay(out: string): Promise<Running> {
    const config = link.configFor(sshd);
    const target = ['--master', String(gateway.masterPid), '--seconds', '300', '--json', '-v'];
    const running = start(['record', 'acupoint-test', '-F', config, ...target, '--out', out]);
    await moreSamples(running);
    return running;
  }

  /** The probe says once a second how many it has. */
  async function moreSamples(running: Running): Promise<void> {
    const from = running.stderr().length;
    await waitFor('samples', () => /sampled [1-9]/.test(running.stderr().slice(from)), {
      timeoutMs: 30_000,
      describe: running.stderr,
    });
  }

  for (const how of ['cut', 'dead'] as const) {
    it(`goes on when the link is ${how}, and marks the gap everywhere`, async () => {
      const out = join(folder, `${how}.acupoint`);
      const running = await underWay(out);
      if (how === 'cut') link.cut();
      else {
        link.die();
        await waitFor('the end to be noticed', () => /was lost\./.test(running.stderr()), {
          timeoutMs: 30_000,
        });
        link.revive();
      }
      await waitFor('the trace to go on', () => running.stderr().includes('Going on.'), {
        timeoutMs: 60_000,
        describe: running.stderr,
      });
      await moreSamples(running);
      running.child.kill('SIGINT');
      const { stdout, stderr, code } = await running.ended;
      assert.equal(code, 130, stderr);
      const words = /\d+\.\d s are missing, in 1 gap: nobody sampled there/;
      assert.match(stderr, words);
      const { gaps, samples } = JSON.parse(stdout) as Summary;
      assert.equal(gaps.length, 1);
      assert.ok(gaps[0]!.fromS > 0 && gaps[0]!.toS > gaps[0]!.fromS);
      const again = await run('record', '--from', out, '--json');
      assert.equal(again.code, 0, again.stderr);
      assert.match(again.stderr, words);
      const recorded = JSON.parse(again.stdout) as Summary;
      assert.deepEqual([recorded.gaps, recorded.samples], [gaps, samples]);
    });
  }

  it('writes what it has, says so and ends, also where the link is never closed', async () => {
    const out = join(folder, 'dead.folded');
    const config = link.configFor(sshd);
    const target = ['--master', String(gateway.masterPid), '--seconds', '60', '--out', out, '-v'];
    const running = start(['record', 'acupoint-test', '-F', config, ...target]);
    await waitFor('samples', () => /sampled [1-9]/.test(running.stderr()), {
      describe: running.stderr,
    });
    link.open = false;
    link.die();
    await waitFor('it to try', () => /Trying to go on: 2 of 8/.test(running.stderr()), {
      timeoutMs: 60_000,
      describe: running.stderr,
    });
    running.child.kill('SIGINT');
    const ended = await running.ended;
    assert.equal(ended.code, 130, ended.stderr);
    assert.match(ended.stderr, /Ended early .*written to/);
    assert.match(ended.stderr, /^The connection to the host was lost/m);
    assert.match(await readFile(out, 'utf8'), / \d+\n$/);
  });

  it('does not go on with another process that has got the number', async () => {
    const running = await underWay(join(folder, 'gone.acupoint'));
    link.open = false;
    link.cut();
    await gateway.stop();
    link.open = true;
    const { code, stderr } = await running.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /^acupoint: The connection to .* was lost/m);
    assert.match(stderr, /Ended early .*written to/);
  });
});
