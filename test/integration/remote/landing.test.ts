import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProbes, type ProbeBinary } from '../../../extension/probe/choose';
import { clearHost, deploy, type Landed } from '../../../extension/probe/deploy';
import { LocalTransport, silentLog } from '../../../extension/remote';
import { repositoryRoot } from '../../fixtures/root';

const BUILT = join(repositoryRoot, 'native/probe/build/x86_64/acupoint-probe');
const STRANGER = 65534;

/**
 * The places of a host stand below a folder of the test: its own /tmp, /dev/shm and so on, of which
 * some are mounted so that nothing can be written or run there.
 */
class Host extends LocalTransport {
  constructor(private readonly root: string) {
    super();
  }

  override spawn(argv: readonly string[]): ReturnType<LocalTransport['spawn']> {
    return super.spawn(['chroot', this.root, ...argv]);
  }
}

describe('landing the probe', function () {
  this.timeout(60_000);
  let root: string;
  let host: Host;
  let probes: ProbeBinary[];
  let mounted: string[];

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'acupoint-probes-'));
    mkdirSync(join(folder, 'x86_64'));
    cpSync(BUILT, join(folder, 'x86_64', 'acupoint-probe'));
    probes = await readProbes(folder);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'acupoint-host-'));
    mounted = [];
    for (const folder of ['tmp', 'dev/shm', 'var/tmp', 'run', 'proc', 'usr']) {
      mkdirSync(join(root, folder), { recursive: true });
    }
    for (const folder of ['tmp', 'dev/shm', 'var/tmp']) chmodSync(join(root, folder), 0o1777);
    writeFileSync(join(root, 'dev/null'), '');
    mount('/usr', 'usr', ['--bind', '-o', 'ro']);
    for (const link of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${link}`, join(root, link));
    host = new Host(root);
  });
  afterEach(() => {
    for (const path of mounted.reverse()) execFileSync('umount', ['-l', path]);
    rmSync(root, { recursive: true, force: true });
  });

  function mount(what: string, where: string, options: string[]): void {
    const path = join(root, where);
    execFileSync('mount', [...options, what, path]);
    mounted.push(path);
  }
  const land = (): Promise<Landed> => deploy(host, probes, silentLog, () => undefined);
  const inside = (path: string): string => join(root, path);

  it('takes the first place that is good, for this user alone', async () => {
    const { path, uid, architecture } = await land();
    assert.match(path, /^\/tmp\/acupoint-0\/acupoint-probe-[0-9a-f]{16}$/);
    assert.deepEqual([uid, architecture], [0, 'x86_64']);
    const modes = execFileSync('stat', ['-c', '%a', inside('tmp/acupoint-0'), inside(path)]);
    assert.equal(modes.toString(), '700\n700\n');
    assert.ok(readFileSync(inside(path)).equals(readFileSync(BUILT)));
  });

  it('goes on where nothing may be executed, and where there is no space', async () => {
    mount('tmpfs', 'tmp', ['-t', 'tmpfs', '-o', 'noexec,mode=1777']);
    mount('tmpfs', 'dev/shm', ['-t', 'tmpfs', '-o', 'size=64k,mode=1777']);
    assert.match((await land()).path, /^\/(var\/tmp|root\/\.cache)\/acupoint-0\//);
    assert.ok(!existsSync(inside('tmp/acupoint-0')), 'nothing is left where it would not do');
  });

  it('says of every place why it would not do', async () => {
    for (const place of ['tmp', 'dev/shm', 'var/tmp', 'run']) {
      mount('tmpfs', place, ['-t', 'tmpfs', '-o', 'noexec,mode=1777']);
    }
    const home = process.env['HOME'];
    process.env['HOME'] = '/nowhere/home';
    writeFileSync(inside('nowhere'), '');
    try {
      await assert.rejects(land(), (error: Error & { kind?: string }) => {
        assert.equal(error.kind, 'nowhere-to-land');
        for (const place of ['/tmp', '/dev/shm', '/var/tmp', '/run']) {
          assert.ok(
            error.message.includes(`${place}: nothing may be executed there`),
            error.message,
          );
        }
        assert.match(error.message, /\/nowhere\/home\/\.cache: is not there/);
        return true;
      });
    } finally {
      process.env['HOME'] = home;
    }
  });

  it('does not use a folder that someone else made for us', async () => {
    mkdirSync(inside('tmp/acupoint-0'), { mode: 0o700 });
    chownSync(inside('tmp/acupoint-0'), STRANGER, STRANGER);
    assert.doesNotMatch((await land()).path, /^\/tmp\//);
  });

  it('does not follow a link that stands for the folder', async () => {
    mkdirSync(inside('tmp/elsewhere'), { mode: 0o700 });
    symlinkSync('/tmp/elsewhere', inside('tmp/acupoint-0'));
    assert.doesNotMatch((await land()).path, /^\/tmp\//);
  });

  it('does not use a folder that others may write to', async () => {
    mkdirSync(inside('tmp/acupoint-0'));
    chmodSync(inside('tmp/acupoint-0'), 0o777);
    assert.doesNotMatch((await land()).path, /^\/tmp\//);
  });

  it('does not use a place where others could take its folder away', async () => {
    chmodSync(inside('tmp'), 0o777);
    assert.doesNotMatch((await land()).path, /^\/tmp\//);
  });

  const tampered: Record<string, (path: string) => void> = {
    'other content': (path) => writeFileSync(path, '#!/bin/sh\nexit 0\n', { mode: 0o700 }),
    'another mode': (path) => chmodSync(path, 0o777),
    'another owner': (path) => chownSync(path, STRANGER, STRANGER),
    'a link in its place': (path) => {
      cpSync(path, `${path}.moved`);
      rmSync(path);
      symlinkSync(`${path}.moved`, path);
    },
  };
  for (const [what, tamper] of Object.entries(tampered)) {
    it(`lands anew when it finds a probe with ${what}`, async () => {
      const first = inside((await land()).path);
      tamper(first);
      const second = inside((await land()).path);
      assert.equal(second, first);
      assert.ok(readFileSync(second).equals(readFileSync(BUILT)));
      const [mode, owner, type] = execFileSync('stat', ['-c', '%a %u %F', second])
        .toString()
        .trim()
        .split(' ');
      assert.deepEqual([mode, owner, type], ['700', '0', 'regular']);
    });
  }

  it('removes probes of older versions, and all of them when asked', async () => {
    mkdirSync(inside('tmp/acupoint-0'), { mode: 0o700 });
    const old = inside('tmp/acupoint-0/acupoint-probe-0000000000000000');
    writeFileSync(old, 'old', { mode: 0o700 });
    const { path } = await land();
    assert.ok(!existsSync(old));
    assert.deepEqual(await clearHost(host, silentLog), [path]);
    assert.ok(!existsSync(inside('tmp/acupoint-0')));
  });

  it('names the machine when there is no probe for it', async () => {
    const others = probes.map((probe) => ({ ...probe, architecture: 'riscv64' }));
    await assert.rejects(
      deploy(host, others, silentLog, () => undefined),
      {
        kind: 'wrong-architecture',
        message: /x86_64.*riscv64/,
      },
    );
  });
});
