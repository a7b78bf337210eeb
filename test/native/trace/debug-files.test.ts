/** Names of native code whose symbols stand elsewhere, or whose file is another one by now. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startLeashed } from '../../fixtures/leash';
import { repositoryRoot } from '../../fixtures/root';
import { waitFor } from '../../fixtures/wait';
import { childrenOf } from '../nginx';
import { type How, record } from './recording';

const NOBODY = 65534;
const SOURCE = join(repositoryRoot, 'test/native/trace/burner.c');

describe('files of native code', () => {
  let folder: string;
  const path = (...parts: string[]) => join(folder, ...parts);
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8' });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-debug-'));
    chmodSync(folder, 0o755);
    build('burner');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Stripped, with its symbols in NAME.debug, which a link in it names. */
  function build(name: string, ...flags: string[]): void {
    run('gcc', '-O1', '-static', '-Wl,--build-id', ...flags, '-o', name, SOURCE);
    run('objcopy', '--only-keep-debug', name, `${name}.debug`);
    run('strip', name);
    run('objcopy', `--add-gnu-debuglink=${name}.debug`, name);
  }

  const sample = (how?: How, ...more: string[]) => sampleWhile(() => undefined, how, more);

  /** The share of `hidden_burn`, sampled after `change`; and what the leaves are called. */
  async function sampleWhile(change: () => void, how: How = {}, command: string[] = []) {
    const user = how.as === undefined ? [] : [`--reuid=${how.as}`, `--regid=${how.as}`];
    const clear = how.as === undefined ? [] : ['--clear-groups'];
    const argv = command.length > 0 ? command : [path('burner')];
    const program = startLeashed('setpriv', [...user, ...clear, ...argv]);
    try {
      const pid = await waitFor('the program', () =>
        childrenOf(program.group).find((child) => commandOf(child).startsWith('burner')),
      );
      change();
      const recording = await record(pid, 1, 199, how);
      const leaves = recording.stacks.map(({ frames }) => frames.at(-1)?.name ?? '');
      const share = recording.total('hidden_burn');
      return { share, leaves: [...new Set(leaves)], stderr: recording.stderr };
    } finally {
      await program.stop();
    }
  }

  it('have no names without their symbols, and are not called after a neighbour', async () => {
    rmSync(path('burner.debug'));
    const { share, leaves } = await sample();
    assert.equal(share, 0);
    assert.ok(leaves.includes('[burner]'), leaves.join(' '));
  });

  for (const place of ['burner.debug', '.debug/burner.debug'] as const) {
    it(`have names from ${place} beside them`, async () => {
      mkdirSync(dirname(path(place)), { recursive: true });
      renameSync(path('burner.debug'), path(place));
      const { share, leaves } = await sample();
      assert.ok(share > 0.9, leaves.join(' '));
    });
  }

  it('have names by their build-id, in the root of the process', async () => {
    const id = /Build ID: ([0-9a-f]+)/.exec(run('readelf', '-n', 'burner'))?.[1] ?? '';
    const place = `root/usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
    mkdirSync(dirname(path(place)), { recursive: true });
    renameSync(path('burner.debug'), path(place));
    copyFileSync(path('burner'), path('root/burner'));
    const { share, leaves } = await sample({}, 'chroot', path('root'), '/burner');
    assert.ok(share > 0.9, leaves.join(' '));
  });

  it('have no names from the symbols of another build', async () => {
    build('other', '-O2', '-DOTHER');
    renameSync(path('other.debug'), path('burner.debug'));
    const { share, leaves } = await sample();
    assert.equal(share, 0);
    assert.ok(leaves.includes('[burner]'), leaves.join(' '));
  });

  const replace = () => {
    run('gcc', '-O2', '-static', '-o', 'next', SOURCE, '-Dhidden_burn=wrong_name');
    renameSync(path('next'), path('burner'));
  };
  const named = () => run('gcc', '-O1', '-static', '-Wl,--build-id', '-o', 'burner', SOURCE);

  it('keep their names when they are replaced while they run', async () => {
    named();
    const { share, leaves } = await sampleWhile(replace);
    assert.ok(share > 0.9, leaves.join(' '));
  });

  it('are said to be gone where nobody has them any more', async function () {
    if (process.getuid?.() !== 0) this.skip();
    run('gcc', '-shared', '-fPIC', '-O1', '-o', 'libburn.so', SOURCE, '-Dmain=burn_for_ever');
    const main = 'extern int burn_for_ever(void);int main(void){return burn_for_ever();}';
    const args = ['-x', 'c', '-', '-x', 'none', '-o', path('burner'), path('libburn.so')];
    execFileSync('gcc', args, { input: main });
    const { share, stderr } = await sampleWhile(() => rmSync(path('libburn.so')), { as: NOBODY });
    assert.equal(share, 0);
    const gone = /Process \d+ runs code of libburn\.so that cannot be read: .* deleted/g;
    assert.equal(stderr.match(gone)?.length, 1, stderr);
  });

  it('keep them for a user without privilege too', async function () {
    if (process.getuid?.() !== 0) this.skip();
    named();
    const replaced = await sampleWhile(replace, { as: NOBODY });
    assert.ok(replaced.share > 0.9, replaced.leaves.join(' '));
    named();
    const deleted = await sampleWhile(() => rmSync(path('burner')), { as: NOBODY });
    assert.ok(deleted.share > 0.9, deleted.leaves.join(' '));
    assert.doesNotMatch(deleted.stderr, /cannot be read/);
  });
});

function commandOf(pid: number): string {
  return execFileSync('cat', [`/proc/${pid}/comm`], { encoding: 'utf8' }).trim();
}
