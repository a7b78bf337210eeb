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
import { silentLog } from '../../../extension/common/log';
import { ChrootHost } from '../../fixtures/chroot-host';
import { repositoryRoot } from '../../fixtures/root';

const BUILT = join(repositoryRoot, 'native/probe/build/x86_64/acupoint-probe');
const STRANGER = 65534;

describe('landing the probe', function () {
  this.timeout(60_000);
  let host: ChrootHost;
  let probes: ProbeBinary[];

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'acupoint-probes-'));
    mkdirSync(join(folder, 'x86_64'));
    cpSync(BUILT, join(folder, 'x86_64', 'acupoint-probe'));
    probes = await readProbes(folder);
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    host = new ChrootHost();
  });
  afterEach(() => host.stop());

  const land = (): Promise<Landed> => deploy(host, probes, silentLog, () => undefined);
  const inside = (path: string): string => host.inside(path);

  it('takes the first place that is good, for this user alone', async () => {
    const { path, uid, architecture } = await land();
    assert.match(path, /^\/tmp\/acupoint-0\/acupoint-probe-[0-9a-f]{16}$/);
    assert.deepEqual([uid, architecture], [0, 'x86_64']);
    const modes = execFileSync('stat', ['-c', '%a', inside('tmp/acupoint-0'), inside(path)]);
    assert.equal(modes.toString(), '700\n700\n');
    assert.ok(readFileSync(inside(path)).equals(readFileSync(BUILT)));
  });

  it('goes on where nothing may be executed, and where there is no space', async () => {
    host.mount('tmpfs', 'tmp', ['-t', 'tmpfs', '-o', 'noexec,mode=1777']);
    host.mount('tmpfs', 'dev/shm', ['-t', 'tmpfs', '-o', 'size=64k,mode=1777']);
    assert.match((await land()).path, /^\/(var\/tmp|root\/\.cache)\/acupoint-0\//);
    assert.ok(!existsSync(inside('tmp/acupoint-0')), 'nothing is left where it would not do');
  });

  it('says of every place why it would not do', async () => {
    for (const place of ['tmp', 'dev/shm', 'var/tmp', 'run']) {
      host.mount('tmpfs', place, ['-t', 'tmpfs', '-o', 'noexec,mode=1777']);
    }
    host.home = '/nowhere/home';
    writeFileSync(inside('nowhere'), '');
    await assert.rejects(land(), (error: Error & { kind?: string }) => {
      assert.equal(error.kind, 'nowhere-to-land');
      for (const place of ['/tmp', '/dev/shm', '/var/tmp', '/run']) {
        assert.ok(error.message.includes(`${place}: nothing may be executed there`), error.message);
        assert.ok(!existsSync(inside(`${place}/acupoint-0`)), `nothing is left in ${place}`);
      }
      assert.match(error.message, /\/nowhere\/home\/\.cache: is not there/);
      return true;
    });
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
