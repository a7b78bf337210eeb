/** Host keys that the configuration lets in without a question. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../../extension/common/log';
import { connect, RemoteError, type Transport } from '../../../extension/remote';
import { hostKeyNoticeText } from '../../../extension/remote/host-key-notice';
import { addUser, makeKey, ScriptedUser, startSshd, type Sshd } from '../../fixtures/sshd';

describe('host keys that need no question', function () {
  this.timeout(60_000);
  let sshd: Sshd;
  let config: string;
  let lines: string[];

  before(async () => {
    sshd = await startSshd();
    config = readFileSync(sshd.configFile, 'utf8');
  });
  after(() => sshd.stop());
  beforeEach(() => {
    lines = [];
    writeFileSync(sshd.knownHosts, '');
  });

  const configure = (...more: string[]): void =>
    writeFileSync(
      sshd.configFile,
      ['Host acupoint-test', ...more.map((line) => `  ${line}`), config].join('\n'),
    );
  const write = (line: string): void => void lines.push(line);
  const log: Log = { trace: write, info: write, warn: write };
  const go = (user: ScriptedUser, state: string): Promise<Transport> =>
    connect({ kind: 'ssh', host: 'acupoint-test' }, user, {
      signal: new AbortController().signal,
      log,
      stateDir: join(sshd.folder, state),
      configFile: sshd.configFile,
    });
  const ownFile = (state: string): string => join(sshd.folder, state, 'known_hosts');
  /** known_hosts has another key than the server. */
  const change = (): void => {
    makeKey(join(sshd.folder, 'another'), 'ed25519');
    const other = readFileSync(join(sshd.folder, 'another.pub'), 'utf8');
    writeFileSync(sshd.knownHosts, `[127.0.0.1]:${sshd.port} ${other}`);
  };

  for (const value of ['accept-new', 'no']) {
    it(`shows a new one that ${value} accepts, keeps it, and knows it from then on`, async () => {
      configure(`StrictHostKeyChecking ${value}`);
      const user = new ScriptedUser();
      (await go(user, value)).dispose();
      assert.deepEqual(user.asked, []);
      const [notice] = user.told;
      assert.ok(notice?.kind === 'new' && user.told.length === 1);
      assert.equal(notice.fingerprint, sshd.hostKeyFingerprint());
      assert.match(hostKeyNoticeText(notice), new RegExp(`${value}.*was not known, was accepted`));
      assert.ok(lines.some((line) => line.includes(sshd.hostKeyFingerprint())));
      assert.match(readFileSync(ownFile(value), 'utf8'), /^\[127\.0\.0\.1\]:\d+ ssh-ed25519 /);
      assert.equal(readFileSync(sshd.knownHosts, 'utf8'), '', 'not ours to write');

      const later = new ScriptedUser();
      (await go(later, value)).dispose();
      assert.deepEqual(later.told, []);
    });
  }

  it('keeps none where the configuration has known hosts thrown away', async () => {
    configure('StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null');
    const user = new ScriptedUser();
    (await go(user, 'thrown')).dispose();
    assert.equal(user.told.length, 1);
    assert.ok(!existsSync(ownFile('thrown')));
  });

  it('lets a changed one in by a key, says so, and does not keep it', async () => {
    change();
    configure('StrictHostKeyChecking no');
    const user = new ScriptedUser();
    const transport = await go(user, 'changed');
    assert.equal((await transport.exec(['echo', 'in'])).stdout.toString(), 'in\n');
    transport.dispose();
    const [notice] = user.told;
    assert.ok(notice?.kind === 'changed');
    assert.equal(notice.knownFrom, `${sshd.knownHosts}:1`);
    assert.match(hostKeyNoticeText(notice), /known_hosts:1 knows another key.*no password is sent/);
    assert.ok(!existsSync(ownFile('changed')));
  });

  it('asks for no password and no code where a changed one was let in', async () => {
    const person = addUser();
    const before = { sshd, config };
    sshd = await startSshd({ lines: ['PasswordAuthentication yes'] });
    config = readFileSync(sshd.configFile, 'utf8');
    try {
      change();
      configure('StrictHostKeyChecking no', `User ${person.name}`, 'PubkeyAuthentication no');
      await assert.rejects(go(new ScriptedUser(), 'secret'), (error: unknown) => {
        assert.ok(error instanceof RemoteError);
        assert.equal(error.kind, 'auth');
        assert.match(error.message, /No password and no code was asked for.*key of the host has/);
        return true;
      });
      // The same person is asked where the key is new: it is the change that forbids it.
      writeFileSync(sshd.knownHosts, '');
      const user = new ScriptedUser({ askPassword: () => Promise.resolve(person.password) });
      (await go(user, 'secret')).dispose();
      assert.deepEqual(user.kinds(), ['password']);
    } finally {
      person.remove();
      await sshd.stop();
      ({ sshd, config } = before);
    }
  });
});
