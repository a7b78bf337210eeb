import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../extension/common/log';
import { connect, RemoteError, type Prompter, type Transport } from '../../../extension/remote';
import { ScriptedUser, startSshd, type Sshd } from '../../fixtures/sshd';

describe('host keys', function () {
  this.timeout(30_000);
  let sshd: Sshd;
  const stateDir = (): string => join(sshd.folder, 'state');
  const ownFile = (): string => join(stateDir(), 'known_hosts');

  const go = (prompter: Prompter): Promise<Transport> =>
    connect({ kind: 'ssh', host: 'acupoint-test' }, prompter, {
      signal: new AbortController().signal,
      log: silentLog,
      stateDir: stateDir(),
      configFile: sshd.configFile,
    });
  const refusal = async (prompter: Prompter): Promise<RemoteError> => {
    try {
      (await go(prompter)).dispose();
    } catch (error) {
      if (error instanceof RemoteError) return error;
      throw error;
    }
    throw new Error('The connection was made.');
  };

  beforeEach(async () => {
    sshd = await startSshd({ hostKeys: ['ed25519', 'rsa'] });
  });
  afterEach(() => sshd.stop());

  it('asks for an unknown one as ssh-keygen prints it, and keeps the answer', async () => {
    writeFileSync(sshd.knownHosts, '');
    const user = new ScriptedUser({ askHostKey: () => Promise.resolve(true) });
    (await go(user)).dispose();
    const [question] = user.asked;
    assert.ok(question?.kind === 'hostKey');
    assert.equal(question.fingerprint, sshd.hostKeyFingerprint());
    assert.equal(question.keyType, 'ssh-ed25519');
    assert.equal(question.host, `[127.0.0.1]:${sshd.port}`);
    assert.equal(readFileSync(sshd.knownHosts, 'utf8'), '', 'not ours to write');

    (await go(new ScriptedUser())).dispose();
  });

  it('goes no further when the user does not accept it', async () => {
    writeFileSync(sshd.knownHosts, '');
    const error = await refusal(new ScriptedUser({ askHostKey: () => Promise.resolve(false) }));
    assert.equal(error.kind, 'host-key-rejected');
    assert.ok(!existsSync(ownFile()));
    assert.doesNotMatch(sshd.log(), /Accepted|Failed|userauth/);
  });

  it('refuses a changed one before any sign-in, and shows both and the line', async () => {
    const before = sshd.hostKeyFingerprint();
    await sshd.rotateHostKeys();
    const error = await refusal(new ScriptedUser());
    assert.equal(error.kind, 'host-key-changed');
    assert.ok(error.message.includes(before), error.message);
    assert.ok(error.message.includes(sshd.hostKeyFingerprint()), error.message);
    assert.ok(error.message.includes(`${sshd.knownHosts}:1`), error.message);
    assert.doesNotMatch(sshd.log(), /Accepted|Failed|userauth/);
  });

  it('refuses a revoked one', async () => {
    const [first] = readFileSync(sshd.knownHosts, 'utf8').split('\n');
    appendFileSync(sshd.knownHosts, `@revoked ${first}\n`);
    assert.equal((await refusal(new ScriptedUser())).kind, 'host-key-revoked');
  });

  it('asks the server for a key of a type that is known', async () => {
    const lines = readFileSync(sshd.knownHosts, 'utf8').split('\n');
    writeFileSync(sshd.knownHosts, lines.filter((line) => line.includes('ssh-rsa')).join('\n'));
    (await go(new ScriptedUser())).dispose();
  });

  it('finds names that ssh-keygen has hashed', async () => {
    const { execFileSync } = await import('node:child_process');
    execFileSync('ssh-keygen', ['-q', '-H', '-f', sshd.knownHosts], { stdio: 'ignore' });
    assert.match(readFileSync(sshd.knownHosts, 'utf8'), /^\|1\|/);
    (await go(new ScriptedUser())).dispose();
  });

  it('judges once, although the server shows its key again when keys are renewed', async () => {
    writeFileSync(sshd.knownHosts, '');
    await sshd.restart(['RekeyLimit 256K']);
    const user = new ScriptedUser({ askHostKey: () => Promise.resolve(true) });
    const transport = await go(user);
    const { stdout } = await transport.exec(['head', '-c', '2000000', '/dev/zero'], {
      maxBytes: 2_000_000,
    });
    assert.equal(stdout.length, 2_000_000);
    assert.deepEqual(user.kinds(), ['hostKey']);
    transport.dispose();
  });

  it('does not ask where the configuration wants it strict', async () => {
    writeFileSync(sshd.knownHosts, '');
    appendFileSync(sshd.configFile, '  StrictHostKeyChecking yes\n');
    assert.equal((await refusal(new ScriptedUser())).kind, 'host-key-rejected');
  });
});
