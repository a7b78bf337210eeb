import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../extension/common/log';
import { connect, RemoteError, type Prompter, type Transport } from '../../../extension/remote';
import { secret } from '../../fixtures/secrets';
import { makeKey, ScriptedUser, startAgent, startSshd, type Sshd } from '../../fixtures/sshd';

describe('signing in', function () {
  this.timeout(60_000);
  let sshd: Sshd;
  let config: string;

  before(async () => {
    sshd = await startSshd();
    config = readFileSync(sshd.configFile, 'utf8');
  });
  after(() => sshd.stop());
  beforeEach(() => writeFileSync(sshd.configFile, config));

  /** Replaces a line of the ssh configuration. */
  const configure = (keyword: string, value: string): void => {
    const text = readFileSync(sshd.configFile, 'utf8');
    writeFileSync(
      sshd.configFile,
      text.replace(new RegExp(`${keyword} .*`), `${keyword} ${value}`),
    );
  };
  const go = (
    prompter: Prompter,
    signal = new AbortController().signal,
    log = silentLog,
  ): Promise<Transport> =>
    connect({ kind: 'ssh', host: 'acupoint-test' }, prompter, {
      signal,
      log,
      stateDir: join(sshd.folder, 'state'),
      configFile: sshd.configFile,
    });

  it('asks for the passphrase again when it was wrong, and never logs it', async () => {
    configure('IdentityFile', sshd.encryptedIdentity.file);
    const lines: string[] = [];
    const wrong = secret('wrong passphrase');
    const write = (line: string): void => void lines.push(line);
    const user = new ScriptedUser({
      askPassphrase: ({ attempt }) =>
        Promise.resolve(attempt < 3 ? wrong : sshd.encryptedIdentity.passphrase),
    });
    const log = { trace: write, info: write, warn: write };
    const transport = await go(user, new AbortController().signal, log);
    assert.equal((await transport.exec(['echo', 'in'])).stdout.toString(), 'in\n');
    transport.dispose();
    assert.deepEqual(user.kinds(), ['passphrase', 'passphrase', 'passphrase']);
    assert.ok(lines.length > 0);
    const { passphrase } = sshd.encryptedIdentity;
    assert.ok(!lines.some((line) => line.includes(wrong) || line.includes(passphrase)));
  });

  it('gives up after three wrong passphrases, and says what it tried', async () => {
    configure('IdentityFile', sshd.encryptedIdentity.file);
    const user = new ScriptedUser({ askPassphrase: () => Promise.resolve('wrong') });
    await assert.rejects(go(user), (error: RemoteError) => {
      assert.equal(error.kind, 'auth');
      assert.match(error.message, /publickey \(.*id_encrypted\)/);
      assert.match(error.detail, /wrong 3 times/);
      return true;
    });
    assert.equal(user.asked.length, 3);
  });

  it('does not ask for the passphrase of a key that the host would not take', async () => {
    const stranger = join(sshd.folder, 'stranger');
    makeKey(stranger, 'ed25519', secret('passphrase'));
    configure('IdentityFile', stranger);
    await assert.rejects(go(new ScriptedUser()), { kind: 'auth' });
  });

  for (const [type, format] of [
    ['rsa', ''],
    ['ecdsa', ''],
    ['rsa', 'PEM'],
    ['ecdsa', 'PEM'],
  ] as const) {
    it(`unlocks a key of type ${type} in ${format || 'OpenSSH'} format`, async () => {
      const file = join(sshd.folder, `${type}${format}`);
      const passphrase = secret('passphrase');
      makeKey(file, type, passphrase, format);
      appendFileSync(sshd.authorizedKeys, readFileSync(`${file}.pub`));
      configure('IdentityFile', file);
      const user = new ScriptedUser({ askPassphrase: () => Promise.resolve(passphrase) });
      (await go(user)).dispose();
      assert.deepEqual(user.kinds(), ['passphrase']);
    });
  }

  it('uses an agent, and offers only the right key of many', async () => {
    const agent = await startAgent();
    try {
      // More than a server lets one try.
      for (let index = 0; index < 8; index++) {
        const file = join(sshd.folder, `other${index}`);
        makeKey(file, 'ed25519');
        agent.add(file);
      }
      agent.add(sshd.identityFile);
      configure('IdentityAgent', agent.socket);
      (await go(new ScriptedUser())).dispose();
    } finally {
      agent.stop();
    }
  });

  it('uses RSA and ECDSA keys of an agent', async () => {
    const agent = await startAgent();
    try {
      for (const type of ['rsa', 'ecdsa'] as const) {
        const file = join(sshd.folder, `agent_${type}`);
        makeKey(file, type);
        agent.add(file);
        appendFileSync(sshd.authorizedKeys, readFileSync(`${file}.pub`));
        configure('IdentityFile', `${file}.pub`);
        configure('IdentityAgent', agent.socket);
        (await go(new ScriptedUser())).dispose();
      }
    } finally {
      agent.stop();
    }
  });

  it('explains an agent that holds too many keys', async () => {
    const agent = await startAgent();
    try {
      for (let index = 0; index < 8; index++) {
        const file = join(sshd.folder, `many${index}`);
        makeKey(file, 'ed25519');
        agent.add(file);
      }
      configure('IdentityAgent', agent.socket);
      configure('IdentitiesOnly', 'no');
      configure('IdentityFile', '/nowhere');
      await assert.rejects(go(new ScriptedUser()), /too many attempts.*IdentitiesOnly/);
    } finally {
      agent.stop();
    }
  });

  it('leaves nothing behind when it is cancelled at a question', async () => {
    configure('IdentityFile', sshd.encryptedIdentity.file);
    const cancel = new AbortController();
    let questionSignal: AbortSignal | undefined;
    const user = new ScriptedUser({
      askPassphrase: ({ signal }) => {
        questionSignal = signal;
        cancel.abort();
        return new Promise(() => undefined);
      },
    });
    await assert.rejects(go(user, cancel.signal), { kind: 'cancelled' });
    assert.ok(questionSignal?.aborted, 'the question is withdrawn');
    const { waitFor } = await import('../../fixtures/wait');
    await waitFor('the connection to be gone', () => sshd.connections().length === 0);
  });

  it('ends as cancelled when the user dismisses the question', async () => {
    configure('IdentityFile', sshd.encryptedIdentity.file);
    const user = new ScriptedUser({ askPassphrase: () => Promise.resolve(undefined) });
    await assert.rejects(go(user), { kind: 'cancelled' });
  });
});
