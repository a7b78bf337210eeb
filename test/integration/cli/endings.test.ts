import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoad, type Load } from '../../fixtures/gateway/load';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { isRunning } from '../../fixtures/running';
import { startSshd, type Sshd } from '../../fixtures/sshd';
import { waitFor } from '../../fixtures/wait';
import { start, type Running } from './command';

describe('A recording over ssh', function () {
  this.timeout(60_000);
  let gateway: Gateway;
  let load: Load;
  let sshd: Sshd;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-endings-'));
    sshd = await startSshd();
    gateway = await startGateway();
    load = startLoad(gateway.port);
  });
  after(async () => {
    await load?.stop();
    await gateway?.stop();
    await sshd?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A recording of a minute that has samples already, and the pid of its probe. */
  async function underWay(out: string): Promise<{ running: Running; probe: number }> {
    const target = ['--master', String(gateway.masterPid), '--seconds', '60', '--out', out, '-v'];
    const running = start(['record', 'acupoint-test', '-F', sshd.configFile, ...target]);
    await waitFor('samples', () => /sampled [1-9]/.test(running.stderr()), {
      describe: running.stderr,
    });
    return { running, probe: Number(/runs as process (\d+)/.exec(running.stderr())?.[1]) };
  }

  const gone = (probe: number) =>
    waitFor('the probe to end', () => !isRunning(probe), { timeoutMs: 2000, promised: true });

  it('leaves no probe when the command is killed', async () => {
    const { running, probe } = await underWay(join(folder, 'killed.folded'));
    running.child.kill('SIGKILL');
    await gone(probe);
    await running.ended;
    assert.equal(existsSync(join(folder, 'killed.folded')), false);
  });

  it('is written as far as it came when the host may not be trusted after a cut', async () => {
    const out = join(folder, 'cut.folded');
    const { running, probe } = await underWay(out);
    await sshd.rotateHostKeys();
    await gone(probe);
    const ended = await running.ended;
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(ended.stderr, /Ended early .*written to/);
    assert.match(ended.stderr, /^acupoint: /m);
    assert.match(await readFile(out, 'utf8'), / \d+\n$/);
  });
});
