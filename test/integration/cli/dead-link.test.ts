import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLoad, type Load } from '../../fixtures/gateway/load';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { Link } from '../../fixtures/link';
import { startSshd, type Sshd } from '../../fixtures/sshd';
import { waitFor } from '../../fixtures/wait';
import { start } from './command';

describe('A command over a link that dies without a word', function () {
  this.timeout(120_000);
  let gateway: Gateway;
  let load: Load;
  let sshd: Sshd;
  let link: Link;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-dead-link-'));
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
});
