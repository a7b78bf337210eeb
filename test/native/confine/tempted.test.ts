/**
 * A parser that was taken over finds that nothing of worth is left. A build of the probe for tests
 * alone (host/tempt.h) does what texts of the target tell it to; each must end it at once.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../../fixtures/root';
import { startLeashed } from '../../fixtures/leash';
import { waitFor } from '../../fixtures/wait';
import { probePath } from '../binary';
import { childrenOf, startNginx } from '../nginx';

const BUILT = /build\/([^/]+)\/acupoint-probe$/;
const ACTS = ['execve', 'write', 'socket', 'ptrace', 'memory', 'code', 'fork', 'kill'];

/** Runs it to its end; the signal that ended it, or of a child its last words. */
async function run(binary: string, args: string[]): Promise<{ signal: string; stderr: string }> {
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { signal: signal ?? `code ${code}`, stderr };
}

describe('a parser that was taken over', () => {
  let folder: string;
  let binary: string;

  before(function () {
    this.timeout(240_000);
    execFileSync('make', ['-s', '-C', join(repositoryRoot, 'native/probe'), 'TEMPT=1']);
    binary = probePath().replace(BUILT, 'build/$1-tempt/acupoint-probe');
    folder = mkdtempSync(join(tmpdir(), 'acupoint-tempt-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A worker that is busy in a function of a chunk with that name. */
  async function withChunk<T>(name: string, use: (pid: number) => Promise<T>): Promise<T> {
    const script = join(folder, `${name}.lua`);
    const ready = join(folder, `${name}.ready`);
    writeFileSync(
      script,
      `local f = loadstring("local s = 0 while true do s = s + 1 end", "=${name}")
      io.open("${ready}", "w"):close() f()`,
    );
    rmSync(ready, { force: true });
    const process = startLeashed('luajit', ['-joff', script]);
    try {
      // A process that has just been made may not be luajit yet.
      await waitFor('luajit', () => existsSync(ready));
      const pid = childrenOf(process.group).find((child) => child > 0);
      assert.ok(pid, 'luajit has ended');
      return await use(pid);
    } finally {
      await process.stop();
    }
  }

  for (const act of ACTS) {
    it(`is ended at ${act}: in the names of a trace`, () =>
      withChunk(`tempt_${act}`, async (pid) => {
        const target = ['--pid', String(pid), '--seconds', '2', '--format', 'json'];
        const { signal, stderr } = await run(`${binary}-record`, target);
        assert.equal(signal, 'SIGSYS', stderr);
        assert.doesNotMatch(stderr, /went unpunished/);
      }));

    it(`is ended at ${act}: in a heap`, () =>
      withChunk(`tempt_${act}`, async (pid) => {
        const { signal, stderr } = await run(binary, ['heap', '--pid', String(pid)]);
        assert.equal(signal, 'SIGSYS', stderr);
        assert.doesNotMatch(stderr, /went unpunished/);
      }));
  }

  it('is ended in what reads a configuration', async () => {
    const nginx = await startNginx({ http: '# tempt_execve\n' });
    try {
      const { signal, stderr } = await run(binary, ['list']);
      assert.equal(signal, 'SIGSYS', stderr);
    } finally {
      await nginx.stop();
    }
  });

  it('is ended in what reads symbols', async () => {
    const source = join(folder, 'burn.c');
    const program = join(folder, 'burn');
    writeFileSync(
      source,
      `static volatile unsigned long n;
       __attribute__((noinline)) void tempt_socket_burn(void) { for (;;) n++; }
       int main(void) { tempt_socket_burn(); }`,
    );
    execFileSync('gcc', ['-O1', '-o', program, source]);
    const burner = startLeashed(program, []);
    try {
      const pid = await waitFor('the program', () => childrenOf(burner.group)[0]);
      const target = ['--pid', String(pid), '--seconds', '2', '--format', 'json'];
      const { signal, stderr } = await run(`${binary}-record`, target);
      assert.equal(signal, 'SIGSYS', stderr);
    } finally {
      await burner.stop();
    }
  });

  it('has done none of it', () => {
    assert.ok(!existsSync('/tmp/acupoint-tempted'));
  });
});
