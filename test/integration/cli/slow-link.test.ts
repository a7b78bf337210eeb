import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway, type Gateway } from '../../fixtures/gateway/start';
import { Link } from '../../fixtures/link';
import { repositoryRoot } from '../../fixtures/root';
import { addUser, startSshd, type Sshd, type ThrowAwayUser } from '../../fixtures/sshd';
import { startOnTerminal } from './command';

/** Set these to try longer than each run of all tests should: a link of 10 KB/s takes a minute. */
const BYTES_PER_SECOND = Number(process.env['ACUPOINT_TEST_LINK'] ?? 64 * 1024);
const LANDINGS = Number(process.env['ACUPOINT_TEST_LANDINGS'] ?? 3);

describe('A first landing over a slow link', function () {
  this.timeout(180_000);
  let gateway: Gateway;
  let sshd: Sshd;
  let link: Link;
  let user: ThrowAwayUser;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-slow-link-'));
    sshd = await startSshd();
    user = addUser({ sudo: true });
    // One that was removed may have had the same number.
    await rm(`/tmp/acupoint-${user.uid}`, { recursive: true, force: true });
    gateway = await startGateway();
    link = await Link.to(sshd.port);
  });
  after(async () => {
    link?.stop();
    await gateway?.stop();
    await sshd?.stop();
    if (user) await rm(`/tmp/acupoint-${user.uid}`, { recursive: true, force: true });
    user?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes on for longer than the keep-alive allows, packed, and says how far it is', async () => {
    link.bytesPerSecond = BYTES_PER_SECOND;
    const config = link.configFor(sshd, 'ServerAliveInterval 1', 'ServerAliveCountMax 2');
    const terminal = startOnTerminal(['list', `${user.name}@acupoint-test`, '-F', config]);
    assert.equal(await terminal.ended, 0, terminal.screen());
    assert.match(terminal.screen(), new RegExp(` ${gateway.masterPid} `));
    const shown = [...terminal.screen().matchAll(/Copying the probe to \S+: (\d+) of (\d+) KB/g)];
    const steps = shown.map(([, have]) => Number(have));
    assert.ok(new Set(steps).size > 3, terminal.screen());
    assert.deepEqual(
      steps,
      steps.toSorted((a, b) => a - b),
    );
    const { size } = await stat(join(repositoryRoot, 'dist/probes/x86_64/acupoint-probe'));
    assert.ok(link.sent < 0.7 * size, `${link.sent} bytes for a file of ${size}`);
  });

  it('is a landing each time where one session is allowed at once', async () => {
    link.bytesPerSecond = 0;
    await sshd.restart(['MaxSessions 1']);
    const config = link.configFor(sshd);
    for (let landing = 0; landing < LANDINGS; landing++) {
      await rm(`/tmp/acupoint-${user.uid}`, { recursive: true, force: true });
      const terminal = startOnTerminal(['list', `${user.name}@acupoint-test`, '-F', config]);
      assert.equal(await terminal.ended, 0, terminal.screen());
      assert.match(terminal.screen(), new RegExp(` ${gateway.masterPid} `));
      assert.match(terminal.screen(), /Copying the probe/);
    }
  });
});
