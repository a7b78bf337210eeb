/** An administrator's installation is used only where it can be trusted in every respect. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readProbes, type ProbeBinary } from '../../../extension/probe/choose';
import { deploy, type Landed } from '../../../extension/probe/deploy';
import { silentLog } from '../../../extension/common/log';
import { ChrootHost } from '../../fixtures/chroot-host';
import { repositoryRoot } from '../../fixtures/root';
import { shells } from '../../fixtures/shells';

const EVIL = 65534;
const US = 1234;

describe('an installation by an administrator', function () {
  this.timeout(60_000);
  let host: ChrootHost;
  let probes: ProbeBinary[];
  let file: string;
  let warnings: string[];

  before(async () => {
    probes = await readProbes(join(repositoryRoot, 'dist/probes'));
  });
  beforeEach(() => {
    host = new ChrootHost();
    host.uid = US;
    warnings = [];
    const probe = probes.find(({ architecture }) => architecture === 'x86_64')!;
    file = `/opt/acupoint/acupoint-probe-${probe.sha256.slice(0, 16)}`;
    mkdirSync(host.inside('opt'), { mode: 0o755 });
    mkdirSync(host.inside('opt/acupoint'), { mode: 0o755 });
    writeFileSync(host.inside(file), probe.content);
    chownSync(host.inside(file), 0, US);
    chmodSync(host.inside(file), 0o750);
  });
  afterEach(() => host.stop());

  const log = { ...silentLog, warn: (text: string) => warnings.push(text) };
  const land = (): Promise<Landed> => deploy(host, probes, log, () => undefined);
  const folder = (): string => host.inside('opt/acupoint');

  it('is used where all is right, and nothing is copied', async () => {
    const progress: string[] = [];
    const landed = await deploy(host, probes, log, (text) => progress.push(text));
    assert.deepEqual([landed.path, landed.installed, landed.unfit], [file, true, '']);
    assert.deepEqual([progress, warnings], [[], []]);
    chmodSync(host.inside(file), 0o755);
    assert.equal((await land()).path, file);
  });

  it('is used by its path without links where a folder of root is one', async () => {
    mkdirSync(host.inside('var/opt'), { mode: 0o755 });
    renameSync(folder(), host.inside('var/opt/acupoint'));
    rmSync(host.inside('opt'), { recursive: true });
    symlinkSync('var/opt', host.inside('opt'));
    assert.equal((await land()).path, `/var${file}`);
  });

  for (const { name, argv } of shells) {
    it(`is found by ${name}`, async function () {
      if (argv === undefined) return this.skip();
      host.useShell(...argv);
      assert.equal((await land()).path, file);
    });
  }

  const tampered: Record<string, [RegExp, (path: string) => void]> = {
    'another owner': [/ belongs to user 65534, not to root/, (path) => chownSync(path, EVIL, US)],
    'ourselves as its owner': [
      / belongs to user 1234, not to root/,
      (path) => chownSync(path, US, US),
    ],
    'a mode by which its group may write': [
      / has the mode -rwxrwx---/,
      (path) => chmodSync(path, 0o770),
    ],
    'a mode by which all may write': [/ has the mode -rwxr-xrwx/, (path) => chmodSync(path, 0o757)],
    'the setuid bit': [/ has the mode -rws/, (path) => chmodSync(path, 0o4755)],
    'a group that we are not in': [
      / is for a group that this user is not in/,
      (path) => chownSync(path, 0, 0),
    ],
    'other content': [
      / has the SHA-256 [0-9a-f]{64}, and not that/,
      (path) => writeFileSync(path, '#!/bin/sh\n'),
    ],
    'a link in its place': [
      / is a link/,
      (path) => {
        cpSync(path, `${path}.real`);
        rmSync(path);
        symlinkSync(`${path}.real`, path);
      },
    ],
    'a dangling link in its place': [
      / is a link/,
      (path) => {
        rmSync(path);
        symlinkSync('/nowhere', path);
      },
    ],
    'a folder in its place': [
      / is no file/,
      (path) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
    'another version alone': [
      /\/opt\/acupoint holds no probe of this version/,
      (path) => renameSync(path, path.replace(/.{16}$/, '0123456789abcdef')),
    ],
    'a folder of another user': [
      /\/opt\/acupoint belongs to user 65534/,
      () => chownSync(folder(), EVIL, 0),
    ],
    'a folder of our own': [
      /\/opt\/acupoint belongs to user 1234/,
      () => chownSync(folder(), US, 0),
    ],
    'a folder that a group may write to': [
      /other users may write to \/opt\/acupoint/,
      () => chmodSync(folder(), 0o775),
    ],
    'a parent of another user': [
      /\/opt belongs to user 65534/,
      () => chownSync(join(folder(), '..'), EVIL, 0),
    ],
    'a parent that all may write to': [
      /other users may write to \/opt/,
      () => chmodSync(join(folder(), '..'), 0o777),
    ],
    'a sticky parent that all may write to': [
      /other users may write to \/opt/,
      () => chmodSync(join(folder(), '..'), 0o1777),
    ],
    'a link in the place of the folder, to one of ours': [
      /\/tmp\/ours belongs to user 1234/,
      () => {
        cpSync(folder(), host.inside('tmp/ours'), { recursive: true });
        chownSync(host.inside('tmp/ours'), US, US);
        rmSync(folder(), { recursive: true });
        symlinkSync('/tmp/ours', folder());
      },
    ],
    'a folder that nobody else may enter': [
      /no folder that this user may enter|holds no probe/,
      () => chmodSync(folder(), 0o700),
    ],
    'a file system on which nothing may be run': [
      / does not run: |is for a group/,
      (path) => {
        const content = probes.find(({ architecture }) => architecture === 'x86_64')!.content;
        host.mount('tmpfs', 'opt/acupoint', ['-t', 'tmpfs', '-o', 'noexec,mode=755']);
        writeFileSync(path, content, { mode: 0o755 });
        chmodSync(path, 0o755);
      },
    ],
  };
  for (const [what, [why, tamper]] of Object.entries(tampered)) {
    it(`is not used with ${what}, which is said`, async () => {
      tamper(host.inside(file));
      const landed = await land();
      assert.equal(landed.installed, false);
      assert.match(landed.path, /^\/tmp\/acupoint-1234\//);
      assert.match(landed.unfit, why);
      assert.match(warnings.join('\n'), why);
    });
  }
});
