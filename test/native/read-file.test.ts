import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FailureKind, type FileContent } from '../../extension/probe/generated/acupoint_pb';
import { WireSession } from './wire-session';

describe('reading a file of the target', () => {
  let folder: string;
  let session: WireSession;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-files-'));
    session = new WireSession();
  });
  after(async () => {
    await session.end();
    await rm(folder, { recursive: true, force: true });
  });

  async function read(path: string): Promise<{ content: Buffer; last: FileContent }> {
    const after = session.received.length;
    const request = session.send({ case: 'readFile', value: { pid: process.pid, path } });
    const last = await session.next('file', (file) => file.request === request && file.done, after);
    const chunks = session.received.flatMap((message) =>
      message.case === 'file' && message.value.request === request ? [message.value.chunk] : [],
    );
    for (const chunk of chunks) assert.ok(chunk.length <= 48 * 1024);
    return { content: Buffer.concat(chunks), last };
  }

  async function refused(path: string, reason: RegExp): Promise<void> {
    const value = { pid: process.pid, path };
    const failure = await session.refusal({ case: 'readFile', value });
    assert.equal(failure.kind, FailureKind.FAILURE_FILE);
    assert.match(failure.text, reason);
  }

  it('gives all of it, with its size and time', async () => {
    const content = Buffer.alloc(300_000, 'local x = 1\n');
    await writeFile(join(folder, 'a.lua'), content);
    const { content: got, last } = await read(join(folder, 'a.lua'));
    assert.ok(got.equals(content));
    assert.equal(Number(last.size), content.length);
    assert.ok(Math.abs(Number(last.modifiedUs) / 1000 - Date.now()) < 60_000);
  });

  it('gives an empty file', async () => {
    await writeFile(join(folder, 'empty'), '');
    assert.equal((await read(join(folder, 'empty'))).content.length, 0);
  });

  it('follows links inside the root', async () => {
    await writeFile(join(folder, 'b.lua'), 'b');
    await symlink('b.lua', join(folder, 'link'));
    assert.equal((await read(join(folder, 'link'))).content.toString(), 'b');
  });

  it('refuses what is no regular file', async () => {
    await mkdir(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    await refused(join(folder, 'folder'), /it is a folder/);
    await refused(join(folder, 'fifo'), /no regular file/);
    await refused('/dev/zero', /no regular file/);
    await refused('relative/path', /not absolute/);
    await refused(join(folder, 'absent'), /no such file/);
  });

  it('refuses to be led through /proc', async () => {
    await symlink('/proc/self/root/etc/hostname', join(folder, 'magic'));
    await refused(join(folder, 'magic'), /links/);
  });

  it('refuses more than 8 MiB', async () => {
    await writeFile(join(folder, 'large'), Buffer.alloc((8 << 20) + 1));
    await refused(join(folder, 'large'), /larger than 8 MiB/);
    await writeFile(join(folder, 'full'), Buffer.alloc(8 << 20, 'y'));
    assert.equal((await read(join(folder, 'full'))).content.length, 8 << 20);
  });

  it('says that the process is gone', async () => {
    const failure = await session.refusal({
      case: 'readFile',
      value: { pid: 4_194_303, path: '/etc/hostname' },
    });
    assert.match(failure.text, /no such file|exited/);
  });

  it('stays inside the root of a process in a chroot', async () => {
    const root = join(folder, 'root');
    await mkdir(join(root, 'bin'), { recursive: true });
    await writeFile(join(folder, 'secret'), 'outside');
    await writeFile(join(root, 'inside'), 'inside');
    await symlink('../../../../../../inside', join(root, 'up'));
    await symlink(join(folder, 'secret'), join(root, 'out'));
    const jailed = spawn('python3', [
      '-c',
      [
        'import os, sys',
        'os.chroot(sys.argv[1])',
        'os.chdir("/")',
        'print("in", flush=True)',
        'sys.stdin.read()',
      ].join('\n'),
      root,
    ]);
    try {
      await once(jailed.stdout, 'data');
      const pid = jailed.pid ?? 0;
      const after = session.received.length;
      const request = session.send({ case: 'readFile', value: { pid, path: '/up' } });
      const file = await session.next('file', (value) => value.request === request, after);
      assert.equal(Buffer.from(file.chunk).toString(), 'inside');
      const failure = await session.refusal({ case: 'readFile', value: { pid, path: '/out' } });
      assert.match(failure.text, /no such file/);
    } finally {
      const gone = once(jailed, 'exit');
      jailed.kill('SIGKILL');
      await gone;
    }
  });
});
