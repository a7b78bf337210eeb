/** Names of native code as a reader expects them, with symbols and without. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLeashed } from '../../fixtures/leash';
import { repositoryRoot } from '../../fixtures/root';
import { waitFor } from '../../fixtures/wait';
import { childrenOf } from '../nginx';
import { APPROXIMATE, type Frame, type Recording, record } from './recording';

const SOURCE = join(repositoryRoot, 'test/native/trace/native-names.c');

describe('native code', () => {
  let folder: string;
  let frames: Frame[];

  /** @param stripped the library and the program. */
  async function sample(stripped: boolean, ...flags: string[]): Promise<Recording> {
    const run = (command: string, ...args: string[]) =>
      execFileSync(command, args, { cwd: folder });
    const build = (...args: string[]) => run('gcc', '-O1', ...flags, ...args, SOURCE);
    writeFileSync(join(folder, 'versions'), 'V1 { global: tiny; exported; local: *; };');
    build('-shared', '-fPIC', '-DLIBRARY', '-Wl,--version-script=versions', '-o', 'libtiny.so');
    run('gcc', '-O1', '-fplt', ...flags, '-o', 'burner', SOURCE, './libtiny.so', '-Wl,-rpath,.');
    if (stripped) run('strip', 'libtiny.so', 'burner');
    const program = startLeashed('sh', ['-c', `cd ${folder}; exec ./burner`]);
    try {
      const pid = await waitFor('the program at work', () =>
        [program.group, ...childrenOf(program.group)].find(
          (each) => mapsOf(each).includes('libtiny.so') && !mapsOf(each).includes('/sh\n'),
        ),
      );
      return await record(pid, 2, 999);
    } finally {
      await program.stop();
    }
  }

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'acupoint-names-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const named = (name: string | RegExp) =>
    frames.filter((frame) =>
      typeof name === 'string' ? frame.name === name : name.test(frame.name),
    );
  const all = () => [...new Set(frames.map(({ name }) => name))].join(', ');
  const take = async (...args: Parameters<typeof sample>) => {
    const recording = await sample(...args);
    frames = recording.stacks.flatMap((stack) => stack.frames);
    return recording;
  };

  for (const [how, flags] of [
    ['bound late', ['-Wl,-z,lazy']],
    ['bound at once', ['-Wl,-z,now']],
    ['marked for branch tracking', ['-fcf-protection=full', '-Wl,-z,lazy', '-Wl,-z,ibtplt']],
  ] as const) {
    for (const stripped of [false, true]) {
      it(`has stubs under the name of what they call, ${how}${stripped ? ', stripped' : ''}`, async function () {
        if (process.arch !== 'x64' && how.startsWith('marked')) this.skip();
        await take(stripped, ...flags);
        assert.ok(named('tiny@plt').length > 0, all());
        assert.deepEqual(named('_init'), []);
        assert.ok(named('tiny').length > 0, all());
        assert.deepEqual(named(/@@|@V1|GLIBC/), []);
      });
    }
  }

  it('has the pieces of a function, and says so of each', async () => {
    await take(false);
    const pieces = named(/^cut\./).map(({ name, partOf }) => `${name} of ${partOf}`);
    assert.deepEqual([...new Set(pieces)].sort(), [
      'cut.constprop.0.isra.0 of cut',
      'cut.part.0 of cut',
    ]);
  });

  it('of the vdso has its name', async () => {
    await take(false);
    const vdso = frames.filter(({ file }) => file === '[vdso]');
    assert.ok(
      vdso.some(({ name }) => /clock_gettime/.test(name)),
      all(),
    );
  });

  it('without a symbol is told apart by where it begins, and named after what stands before', async () => {
    const recording = await take(true);
    const hidden = frames.filter(
      ({ file, flags }) => file.endsWith('libtiny.so') && (flags & APPROXIMATE) !== 0,
    );
    const functions = new Map(hidden.map(({ name, identity }) => [identity, name]));
    assert.equal(functions.size, 2, all());
    for (const [identity, name] of functions) {
      assert.ok(identity > 0);
      assert.match(name, /^near (tiny|exported)\+0x[0-9a-f]+$|^libtiny\.so\+0x[0-9a-f]+$/);
      assert.ok(recording.total(name) > 0.02, name);
    }
  });
});

function mapsOf(pid: number): string {
  try {
    return execFileSync('cat', [`/proc/${pid}/maps`], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
