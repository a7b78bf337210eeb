import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addUser, startSshd, type Sshd, type ThrowAwayUser } from '../../fixtures/sshd';
import { run } from './command';

describe('A host that takes long to start the probe', function () {
  this.timeout(120_000);
  let sshd: Sshd;
  let user: ThrowAwayUser;

  before(async () => {
    sshd = await startSshd();
    user = addUser({ shell: '/bin/bash', sudo: true });
    mkdirSync(join(user.home, 'bin'));
    const slow = '#!/bin/sh\nsleep 12\nexec /usr/bin/sudo "$@"\n';
    writeFileSync(join(user.home, 'bin/sudo'), slow, { mode: 0o755 });
    writeFileSync(join(user.home, '.bashrc'), 'PATH=$HOME/bin:$PATH\n');
  });
  after(async () => {
    await sshd?.stop();
    if (user) rmSync(`/tmp/acupoint-${user.uid}`, { recursive: true, force: true });
    user?.remove();
  });

  it('is waited for with words', async () => {
    const args = ['list', `${user.name}@acupoint-test`, '-F', sshd.configFile];
    const { code, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Waiting for the probe to answer for \d+ s: load [\d.]+ on \d+ cores?$/m);
  });
});
