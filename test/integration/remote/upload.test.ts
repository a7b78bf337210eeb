/** Uploads that do not come to their end leave nothing on the host. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { silentLog } from '../../../extension/common/log';
import { connect, type RemoteProcess, type Transport } from '../../../extension/remote';
import { uploadBy, type Exec } from '../../../extension/remote/upload';
import { isRunning } from '../../fixtures/running';
import { ScriptedUser, startSshd, type Sshd } from '../../fixtures/sshd';
import { shells } from '../../fixtures/shells';
import { waitFor } from '../../fixtures/wait';

const content = randomBytes(300_000);

describe('an upload', function () {
  this.timeout(60_000);
  let sshd: Sshd;
  let transport: Transport;
  let folder: string;

  before(async () => (sshd = await startSshd()));
  after(() => sshd?.stop());
  beforeEach(async () => {
    shell = ['/bin/sh'];
    folder = mkdtempSync(join(tmpdir(), 'acupoint-upload-'));
    transport = await connect({ kind: 'ssh', host: 'acupoint-test' }, new ScriptedUser(), {
      signal: new AbortController().signal,
      log: silentLog,
      stateDir: join(sshd.folder, 'state'),
      configFile: sshd.configFile,
    });
  });
  afterEach(() => {
    transport.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  let receiver: RemoteProcess;
  let shell: readonly string[];
  /** Sends the first bytes, and then neither more nor an end: to the host a dead connection. */
  const halfOf: Exec = async (argv, { input } = {}) => {
    receiver = await transport.spawn([...shell, ...argv.slice(1)]);
    const stderr = text(receiver.stderr);
    receiver.stdout.resume();
    receiver.stdin.on('error', () => undefined);
    receiver.stdin.write(input!.subarray(0, 100_000));
    const status = await receiver.exit;
    return { ...status, stdout: Buffer.alloc(0), stderr: await stderr };
  };
  const start = (idleSeconds: number): Promise<void> =>
    uploadBy(halfOf, content, join(folder, 'file'), 0o700, {}, idleSeconds);
  /** The shell that receives, once it has what was sent. */
  const receiving = async (): Promise<number> => {
    await waitFor('the first half', () => {
      const [part] = readdirSync(folder);
      return part !== undefined && statSync(join(folder, part)).size === 100_000;
    });
    return Number(readdirSync(folder)[0]!.split('.').at(-3));
  };
  const nothingIsLeft = (): boolean => readdirSync(folder).length === 0;

  for (const { name, argv } of shells) {
    it(`is ended by ${name} when nothing comes any more, and leaves nothing`, async function () {
      if (argv === undefined) return this.skip();
      shell = argv;
      const upload = start(2);
      const failed = assert.rejects(upload, { kind: 'timeout', message: /ended the upload/ });
      const receivingShell = await receiving();
      await failed;
      assert.ok(nothingIsLeft());
      assert.ok(!isRunning(receivingShell));
    });

    it(`leaves nothing when ${name} is killed`, async function () {
      if (argv === undefined) return this.skip();
      shell = argv;
      const failed = assert.rejects(start(60), { kind: 'failed' });
      process.kill(await receiving(), 'SIGKILL');
      await waitFor('the file to go', nothingIsLeft);
      await failed;
    });
  }

  it('is not ended while it grows, however slowly', async () => {
    const slowly: Exec = async (argv, { input } = {}) => {
      const child = await transport.spawn(argv);
      child.stdout.resume();
      child.stderr.resume();
      for (let at = 0; at < input!.length; at += 50_000) {
        const sent = at + 50_000;
        child.stdin.write(input!.subarray(at, sent));
        await waitFor(`${sent} bytes`, () => {
          const [part] = readdirSync(folder);
          return part !== undefined && statSync(join(folder, part)).size === sent;
        });
        await new Promise((resolve) => setTimeout(resolve, 1000));
      }
      child.stdin.end();
      const status = await child.exit;
      return { ...status, stdout: Buffer.alloc(0), stderr: '' };
    };
    await uploadBy(slowly, content, join(folder, 'file'), 0o700, {}, 4);
    assert.deepEqual(readdirSync(folder), ['file']);
    assert.ok(readFileSync(join(folder, 'file')).equals(content));
  });

  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    it(`leaves nothing when its shell gets ${signal}`, async () => {
      const failed = assert.rejects(start(60), { kind: 'failed' });
      process.kill(await receiving(), signal);
      await waitFor('the file to go', nothingIsLeft);
      await failed;
    });
  }

  it('leaves nothing when the connection is cut', async () => {
    const failed = assert.rejects(start(60));
    await receiving();
    sshd.cut();
    await failed;
    await waitFor('the file to go', nothingIsLeft);
  });

  it('leaves no process behind when it is done', async () => {
    await transport.upload(content, join(folder, 'file'), 0o640);
    const ofUpload = (): boolean =>
      readdirSync('/proc').some((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(folder, 'file'));
        } catch {
          return false;
        }
      });
    await waitFor('its processes to go', () => !ofUpload());
    assert.equal(statSync(join(folder, 'file')).mode & 0o777, 0o640);
  });
});
