/** Hosts that are reached over others, and through a command. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../extension/common/log';
import { connect, RemoteError, type Transport } from '../../../extension/remote';
import { ScriptedUser, startSshd, type Sshd } from '../../fixtures/sshd';
import { freePort, waitFor } from '../../fixtures/wait';

describe('a way over other hosts', function () {
  this.timeout(60_000);
  let gate: Sshd;
  let target: Sshd;
  let config: string;

  before(async () => {
    [gate, target] = await Promise.all([startSshd(), startSshd()]);
    const asGate = (name: string) =>
      readFileSync(gate.configFile, 'utf8').replace('acupoint-test', name);
    config = asGate('gate') + asGate('inner-gate') + readFileSync(target.configFile, 'utf8');
  });
  after(() => Promise.all([gate.stop(), target.stop()]));

  /** Connects with more lines for hosts in the configuration. */
  function go(lines: Record<string, string>, user = new ScriptedUser()): Promise<Transport> {
    const more = Object.entries(lines).map(([host, line]) => `Host ${host}\n  ${line}\n`);
    writeFileSync(target.configFile, more.join('') + config);
    return connect({ kind: 'ssh', host: 'acupoint-test' }, user, {
      signal: new AbortController().signal,
      log: silentLog,
      stateDir: join(target.folder, 'state'),
      configFile: target.configFile,
    });
  }

  const isGone = () => gate.connections().length + target.connections().length === 0;

  /** Asserts that it works, on the target, and leaves no connection when it is over. */
  async function works(transport: Transport): Promise<void> {
    const { stdout } = await transport.exec(['sh', '-c', 'echo $SSH_CONNECTION']);
    assert.equal(stdout.toString().trim().split(' ')[3], String(target.port));
    assert.equal(transport.label, 'acupoint-test');
    transport.dispose();
    await waitFor('the connections to be gone', isGone);
  }

  async function fails(attempt: Promise<Transport>, kind: string, words: RegExp): Promise<void> {
    await assert.rejects(attempt, (error: RemoteError) => {
      assert.equal(error.kind, kind, error.message);
      assert.match(error.message, words);
      return true;
    });
    await waitFor('the connections to be gone', isGone);
  }

  it('goes over a jump host', async () => {
    const transport = await go({ 'acupoint-test': 'ProxyJump gate' });
    assert.ok(gate.connections().length > 0);
    await works(transport);
  });

  it('goes over several, in their order', async () => {
    await works(await go({ 'acupoint-test': 'ProxyJump gate,inner-gate' }));
    await works(
      await go({ 'acupoint-test': 'ProxyJump inner-gate', 'inner-gate': 'ProxyJump gate' }),
    );
  });

  it('takes a jump host for all as one for all others', async () => {
    await works(await go({ '*': 'ProxyJump gate' }));
  });

  it('goes directly where the configuration says none', async () => {
    const transport = await go({ 'acupoint-test': 'ProxyJump none', '*': 'ProxyJump gate' });
    assert.deepEqual(gate.connections(), []);
    await works(transport);
  });

  it('asks for the key of each host by its name', async () => {
    const fresh = join(target.folder, 'nobody');
    const user = new ScriptedUser({ askHostKey: () => Promise.resolve(true) });
    const lines = { '*': `UserKnownHostsFile ${fresh}`, 'acupoint-test': 'ProxyJump gate' };
    await works(await go(lines, user));
    assert.deepEqual(
      user.asked.map((each) => each.kind === 'hostKey' && [each.host, each.fingerprint]),
      [gate, target].map((each) => [`[${each.host}]:${each.port}`, each.hostKeyFingerprint()]),
    );
  });

  it('ends where hosts are the way to each other', async () => {
    const lines = {
      'acupoint-test': 'ProxyJump gate',
      gate: 'ProxyJump inner-gate',
      'inner-gate': 'ProxyJump gate',
    };
    await fails(go(lines), 'config', /more than 8 jump hosts/);
  });

  it('says so when the jump host cannot reach the host', async () => {
    const port = await freePort();
    const lines = { 'acupoint-test': `ProxyJump gate\n  Port ${port}` };
    await fails(go(lines), 'unreachable', /^gate could not connect to 127\.0\.0\.1 port \d+/);
  });

  it('says so when the jump host forwards nothing', async () => {
    await gate.restart(['AllowTcpForwarding no']);
    try {
      const attempt = go({ 'acupoint-test': 'ProxyJump gate' });
      await fails(attempt, 'unreachable', /AllowTcpForwarding/);
    } finally {
      await gate.restart([]);
    }
  });

  it('notices when the connection to the jump host is cut', async () => {
    const transport = await go({ 'acupoint-test': 'ProxyJump gate' });
    const closed = new Promise((resolve) => transport.onDidClose(resolve));
    gate.cut();
    assert.ok((await closed) instanceof RemoteError);
    await waitFor('the connections to be gone', isGone);
  });

  it('goes through a command', async () => {
    const log = join(target.folder, 'command.log');
    const command = `ssh -E ${log} -F ${gate.configFile} -W %h:%p %r@acupoint-test`;
    await works(await go({ 'acupoint-test': `ProxyCommand ${command}` }));
  });

  it('says what a command said that failed', async () => {
    const command = `sh -c 'echo "no ticket for %h" >&2; exit 3'`;
    await fails(
      go({ 'acupoint-test': `ProxyCommand ${command}` }),
      'unreachable',
      /ended with code 3 .* and said: no ticket for 127\.0\.0\.1\. Try it in a terminal: sh -c/,
    );
  });

  it('names a command that hands over a socket', async () => {
    await fails(
      go({ 'acupoint-test': 'ProxyCommand nc -F %h %p\n  ProxyUseFdpass yes' }),
      'config',
      /ProxyUseFdpass yes .*not supported here\. Give the host a ProxyCommand that carries/,
    );
  });

  it('says so when a command finds nobody', async () => {
    const command = `ssh -o BatchMode=yes -p ${await freePort()} -W %h:%p 127.0.0.1`;
    await fails(
      go({ 'acupoint-test': `ProxyCommand ${command}` }),
      'unreachable',
      /ended with code 255 .*Connection refused/,
    );
  });

  it('gives a command no name that a shell would act upon', async () => {
    const lines = { 'acupoint-test': 'HostName $(touch${IFS}x)\n  ProxyCommand nc %h %p' };
    await assert.rejects(go(lines), (error: RemoteError) => error.kind === 'config');
  });
});
