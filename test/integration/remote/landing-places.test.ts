/** Where the probe lands when others were there first, or could change what is there. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { readProbes, type ProbeBinary } from '../../../extension/probe/choose';
import { clearHost, deploy, type Landed } from '../../../extension/probe/deploy';
import { silentLog } from '../../../extension/common/log';
import { ChrootHost } from '../../fixtures/chroot-host';
import { repositoryRoot } from '../../fixtures/root';
import { shells } from '../../fixtures/shells';

const EVIL = 65534;
const US = 1234;

describe('the place where the probe lands', function () {
  this.timeout(60_000);
  let host: ChrootHost;
  let probes: ProbeBinary[];

  before(async () => {
    probes = await readProbes(join(repositoryRoot, 'dist/probes'));
  });
  beforeEach(() => {
    host = new ChrootHost();
    host.uid = US;
    host.home = '/home/us';
    host.makeFolder('home/us');
    chownSync(inside('home/us'), US, US);
  });
  afterEach(() => host.stop());

  const inside = (path: string): string => host.inside(path);
  const land = (): Promise<Landed> => deploy(host, probes, silentLog, () => undefined);
  const clear = (): Promise<string[]> => clearHost(host, silentLog);
  const folder = (path: string, uid: number, mode: number): void => {
    mkdirSync(inside(path));
    chownSync(inside(path), uid, uid);
    chmodSync(inside(path), mode);
  };
  /** Only what lies in the home folder is left. */
  const withoutOtherPlaces = (): void => {
    for (const path of ['tmp', 'dev/shm', 'var/tmp']) rmSync(inside(path), { recursive: true });
  };
  const takeNameIn = (place: string): void => folder(`${place}/acupoint-${US}`, EVIL, 0o700);
  const takeAllNames = (): void => {
    for (const place of ['tmp', 'dev/shm', 'var/tmp']) takeNameIn(place);
    rmSync(inside('home'), { recursive: true });
  };

  const byChance = /^\/tmp\/acupoint-1234-\w{10}\/acupoint-probe-[0-9a-f]{16}$/;

  it('has a name by chance where another user took ours in all places', async () => {
    takeAllNames();
    const { path } = await land();
    assert.match(path, byChance);
    assert.equal(statSync(inside(join(path, '..'))).mode & 0o7777, 0o700);
    const before = statSync(inside(path)).ino;
    assert.equal((await land()).path, path, 'it is found again');
    assert.equal(statSync(inside(path)).ino, before);
    assert.deepEqual(await clear(), [path]);
    assert.deepEqual(readdirSync(inside('tmp')), [`acupoint-${US}`]);
  });

  it('is found among thousands of folders that another user made', async () => {
    takeAllNames();
    const flood =
      'for i in $(seq 20000); do printf "acupoint-1234-%010d\\0" $i; done | xargs -0 mkdir';
    execFileSync('sh', ['-c', flood], { cwd: inside('tmp'), uid: EVIL, gid: EVIL });
    const { path } = await land();
    assert.match(path, byChance);
    assert.equal((await land()).path, path);
    assert.deepEqual(await clear(), [path]);
  });

  for (const [what, evil] of Object.entries({
    'a link of another user': (path: string) => symlinkSync('/home/us', path),
    'a file of another user': (path: string) => writeFileSync(path, ''),
    'a link to a folder of ours': (path: string) => {
      folder('tmp/ours', US, 0o700);
      symlinkSync('/tmp/ours', path);
    },
  })) {
    it(`is another one where ${what} has our name`, async () => {
      for (const place of ['dev/shm', 'var/tmp']) rmSync(inside(place), { recursive: true });
      rmSync(inside('home'), { recursive: true });
      evil(inside(`tmp/acupoint-${US}`));
      assert.match((await land()).path, byChance);
    });
  }

  it('never lies below a folder that others may write to', async () => {
    withoutOtherPlaces();
    chmodSync(inside('home'), 0o777);
    await assert.rejects(land(), /\/home\/us\/\.cache: other users may write to \/home\b/);
    assert.deepEqual(readdirSync(inside('home/us')), []);
    chmodSync(inside('home'), 0o775);
    await assert.rejects(land(), /\.cache: .*/);
    chmodSync(inside('home'), 0o1777);
    assert.match((await land()).path, /^\/home\/us\/\.cache\/acupoint-1234\//);
  });

  it('never lies below a folder of another user', async () => {
    withoutOtherPlaces();
    mkdirSync(inside('home/us/.cache'));
    chownSync(inside('home/us/.cache'), US, US);
    chownSync(inside('home'), EVIL, EVIL);
    await assert.rejects(land(), /\.cache: \/home belongs to user 65534/);
  });

  it('is named without links, whose targets are looked at in their place', async () => {
    withoutOtherPlaces();
    host.makeFolder('srv/homes/us');
    chownSync(inside('srv/homes/us'), US, US);
    rmSync(inside('home'), { recursive: true });
    symlinkSync('/srv/homes', inside('home'));
    assert.match((await land()).path, /^\/srv\/homes\/us\/\.cache\/acupoint-1234\//);
    await clear();
    chmodSync(inside('srv/homes'), 0o777);
    await assert.rejects(land(), /\.cache: .*/);
    assert.deepEqual(readdirSync(inside('srv/homes/us')), []);
  });

  it('leaves nothing where it would not do, and not the folder that was made for it', async () => {
    withoutOtherPlaces();
    host.mount('tmpfs', 'home', ['-t', 'tmpfs', '-o', 'noexec,mode=755']);
    folder('home/us', US, 0o755);
    await assert.rejects(land(), /\/home\/us\/\.cache: nothing may be executed there/);
    assert.deepEqual(readdirSync(inside('home/us')), []);
  });

  it('goes with the folder that was made for it, and not with one that was there', async () => {
    withoutOtherPlaces();
    await land();
    await clear();
    assert.deepEqual(readdirSync(inside('home/us')), []);
    folder('home/us/.cache', US, 0o700);
    await land();
    await clear();
    assert.deepEqual(readdirSync(inside('home/us')), ['.cache']);
  });

  it('is rid of what uploads left that were killed, and only of that', async () => {
    const { path } = await land();
    const part = (owner: number): string => inside(`${path}.${owner}.c0ffee.part`);
    const gone = Number(execFileSync('sh', ['-c', 'echo $$']));
    const upload = spawn('sleep', ['60'], { uid: US, gid: US });
    await once(upload, 'spawn');
    for (const owner of [gone, upload.pid!]) {
      writeFileSync(part(owner), 'half');
      chownSync(part(owner), US, US);
    }
    await land();
    assert.deepEqual([existsSync(part(gone)), existsSync(part(upload.pid!))], [false, true]);
    await clear();
    assert.ok(!existsSync(inside(`tmp/acupoint-${US}`)));
    upload.kill();
  });

  for (const { name, argv } of shells) {
    it(`is found by ${name} too`, async function () {
      if (argv === undefined) return this.skip();
      host.useShell(...argv);
      const { path } = await land();
      assert.match(path, /^\/tmp\/acupoint-1234\//);
      assert.equal((await land()).path, path);
      assert.deepEqual(await clear(), [path]);
      chmodSync(inside('tmp'), 0o777);
      for (const place of ['dev/shm', 'var/tmp']) rmSync(inside(place), { recursive: true });
      assert.match((await land()).path, /^\/home\/us\/\.cache\/acupoint-1234\//);
      await clear();
      chmodSync(inside('tmp'), 0o1777);
      takeNameIn('tmp');
      rmSync(inside('home'), { recursive: true });
      const other = (await land()).path;
      assert.match(other, byChance);
      assert.equal((await land()).path, other);
      assert.deepEqual(await clear(), [other]);
    });
  }
});
