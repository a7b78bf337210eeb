import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../../extension/common/log';
import { connect, type Transport } from '../../../extension/remote';
import { ScriptedUser, startSshd, type Sshd } from '../../fixtures/sshd';

describe('a connection over ssh', function () {
  this.timeout(30_000);
  let sshd: Sshd;
  let transport: Transport;

  before(async () => {
    sshd = await startSshd();
    transport = await connect({ kind: 'ssh', host: 'acupoint-test' }, new ScriptedUser(), {
      signal: new AbortController().signal,
      log: silentLog,
      stateDir: join(sshd.folder, 'state'),
      configFile: sshd.configFile,
    });
  });
  after(async () => {
    transport?.dispose();
    await sshd?.stop();
  });

  it('carries 10 MB there and back byte by byte', async () => {
    const input = randomBytes(10 * 1024 * 1024);
    const { code, stdout } = await transport.exec(['cat'], { input, maxBytes: input.length });
    assert.equal(code, 0);
    assert.ok(stdout.equals(input));
  });

  const odd = [
    '',
    ' ',
    "it's",
    '"double"',
    'a\\b\\\\c\\',
    'line\nbreak',
    '$HOME `id` $(id) !! !x',
    '*?[a]{b,c}~',
    '-n',
    '%s %b \\047',
    'tab\tand\rreturn',
    'Grüße \u{1f525}',
    '; rm -rf /nowhere & | > <',
    '\x01\x7f',
  ];
  it('gives each argument as it is', async () => {
    const { stdout } = await transport.exec(['printf', '%s\\0', ...odd]);
    assert.deepEqual(stdout.toString('utf8').split('\0').slice(0, -1), odd);
  });

  it('reports exit codes, stderr and signals', async () => {
    const failed = await transport.exec(['/bin/sh', '-c', 'echo why >&2; exit 3']);
    assert.deepEqual([failed.code, failed.signal, failed.stderr], [3, null, 'why\n']);
    const killed = await transport.exec(['/bin/sh', '-c', 'kill -TERM $$']);
    assert.deepEqual([killed.code, killed.signal], [null, 'SIGTERM']);
    const missing = await transport.exec(['/nowhere/at-all']);
    assert.equal(missing.code, 127);
  });

  it('ends a program by kill()', async () => {
    const process = await transport.spawn(['sleep', '1000']);
    process.kill();
    assert.equal((await process.exit).signal, 'SIGTERM');
  });

  it('ends a program that takes too long, and one that says too much', async () => {
    await assert.rejects(transport.exec(['sleep', '1000'], { timeoutMs: 200 }), {
      kind: 'timeout',
    });
    await assert.rejects(transport.exec(['cat', '/dev/zero'], { maxBytes: 1000 }), {
      kind: 'output-too-large',
    });
  });

  it('streams both ways while a program runs', async () => {
    const process = await transport.spawn(['cat']);
    for (const word of ['one', 'two', 'three']) {
      const answer = new Promise((resolve) => process.stdout.once('data', resolve));
      process.stdin.write(word);
      assert.equal(String(await answer), word);
    }
    process.stdin.end();
    assert.equal((await process.exit).code, 0);
  });

  it('uploads atomically, with the mode asked for', async () => {
    const content = randomBytes(3 * 1024 * 1024);
    const path = join(sshd.folder, "a folder's file");
    await transport.upload(Buffer.from('before'), path, 0o600);
    await transport.upload(content, path, 0o755);
    assert.ok(readFileSync(path).equals(content));
    assert.equal(statSync(path).mode & 0o7777, 0o755);
  });

  it('says why an upload failed', async () => {
    const to = (path: string): Promise<void> => transport.upload(Buffer.from('x'), path, 0o600);
    await assert.rejects(to('/nowhere/at/all'), { kind: 'not-found' });
    await assert.rejects(to('/proc/acupoint'), /could not be written|is not on the host|may not/);
    await assert.rejects(to(sshd.folder), /is a folder/);
    assert.ok(!existsSync(join(sshd.folder, 'x')));
  });
});

describe('a host without sftp, and login shells of other kinds', function () {
  this.timeout(30_000);

  it('receives a file all the same', async () => {
    const sshd = await startSshd({ withoutSftp: true });
    try {
      const transport = await connect({ kind: 'ssh', host: 'acupoint-test' }, new ScriptedUser(), {
        signal: new AbortController().signal,
        log: silentLog,
        stateDir: join(sshd.folder, 'state'),
        configFile: sshd.configFile,
      });
      const path = join(sshd.folder, 'file');
      await transport.upload(Buffer.from('content'), path, 0o700);
      assert.equal(readFileSync(path, 'utf8'), 'content');
      transport.dispose();
    } finally {
      await sshd.stop();
    }
  });
});
