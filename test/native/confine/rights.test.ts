/** A file of a target is read by that target's rights, whoever the probe runs as. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probePath } from '../binary';
import { keepBusy, startNginx } from '../nginx';
import { luaFrames, record } from '../trace/recording';
import { WireSession } from '../wire-session';

/** Of nobody else on the machine. */
const WORKER = 61_801;
const GROUP = 61_802;
const OTHER = 61_803;

/** Its name stands in no table of a module. */
const HOT = `local function known_from_source_alone()
  local sum = 0
  for i = 1, 100000 do sum = sum + i % 7 end
  return sum
end
return function()
  return known_from_source_alone() + 1
end
`;

const PYTHON = `
import os, sys
uid, gid, groups = int(sys.argv[1]), int(sys.argv[2]), [int(g) for g in sys.argv[3].split(",") if g]
os.setgroups(groups); os.setgid(gid); os.setuid(uid)
print("in", flush=True)
sys.stdin.read()
`;

/** One more user may read; entries of a tag, a permission and an id, as the kernel keeps them. */
const ACCESS_LIST = `
import os, struct, sys
entries = [(1, 0, -1), (2, 4, int(sys.argv[2])), (4, 4, -1), (16, 4, -1), (32, 0, -1)]
value = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
os.setxattr(sys.argv[1], "system.posix_acl_access", value)
`;

async function processAs(uid: number, gid: number, groups: number[]): Promise<ChildProcess> {
  const args = ['-c', PYTHON, String(uid), String(gid), groups.join(',')];
  const child = spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('a file of a target', () => {
  let folder: string;
  const running: ChildProcess[] = [];
  let worker: number;
  let root: number;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-rights-'));
    chmodSync(folder, 0o755);
    const started = [await processAs(WORKER, WORKER, [GROUP]), await processAs(0, 0, [])];
    running.push(...started);
    worker = started[0]!.pid!;
    root = started[1]!.pid!;
    put('anyone', 0, 0, 0o644);
    put('roots', 0, 0, 0o600);
    put('own', WORKER, OTHER, 0o400);
    put('own-closed', WORKER, OTHER, 0o044);
    put('of-a-group', OTHER, GROUP, 0o040);
    put('of-the-first-group', OTHER, WORKER, 0o640);
    put('of-others', OTHER, OTHER, 0o660);
    put('group-shut-out', OTHER, GROUP, 0o604);
    mkdirSync(join(folder, 'closed'), { mode: 0o700 });
    put('closed/inside', 0, 0, 0o644);
    mkdirSync(join(folder, 'deep'));
    chownSync(join(folder, 'deep'), OTHER, GROUP);
    chmodSync(join(folder, 'deep'), 0o710);
    put('deep/inside', 0, 0, 0o644);
  });
  after(async () => {
    for (const child of running) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  function put(name: string, uid: number, gid: number, mode: number): void {
    const path = join(folder, name);
    writeFileSync(path, name);
    chownSync(path, uid, gid);
    chmodSync(path, mode);
  }

  const MAY: Record<string, boolean> = {
    anyone: true,
    roots: false,
    own: true,
    'own-closed': false,
    'of-a-group': true,
    'of-the-first-group': true,
    'of-others': false,
    'group-shut-out': false,
    'closed/inside': false,
    'deep/inside': true,
  };

  async function reads(session: WireSession, pid: number, path: string): Promise<boolean> {
    const after = session.received.length;
    const request = session.send({ case: 'readFile', value: { pid, path } });
    const answer = await Promise.race([
      session.next('file', (file) => file.request === request && file.done, after),
      session.next('failure', (failure) => failure.request === request, after),
    ]);
    if ('text' in answer) assert.match(answer.text, /may not read it itself/);
    return !('text' in answer);
  }

  async function assertRights(session: WireSession): Promise<void> {
    try {
      await session.next('hello');
      for (const [name, expected] of Object.entries(MAY)) {
        assert.equal(await reads(session, worker, join(folder, name)), expected, name);
      }
      assert.equal(await reads(session, worker, '/etc/shadow'), false);
      assert.equal(await reads(session, worker, '/etc/passwd'), true);
    } finally {
      await session.end();
    }
  }

  it('is read by root as its process could', () => assertRights(new WireSession()));

  it('is read by who cannot become its user as the modes say', () => {
    const file = join(folder, 'acupoint-probe');
    copyFileSync(probePath(), file);
    chmodSync(file, 0o755);
    execFileSync('setcap', ['cap_bpf,cap_perfmon,cap_sys_ptrace,cap_dac_read_search+ep', file]);
    return assertRights(new WireSession({ as: OTHER + 1 }, file));
  });

  it('that its master loaded at its start names functions, and is not given', async () => {
    const nginx = await startNginx({
      user: 'nobody nogroup',
      files: { 'closed/hot.lua': HOT },
      http: `init_by_lua_block { hot = dofile("PREFIX/closed/hot.lua") }
        access_by_lua_block { hot() }`,
    });
    const load = keepBusy(nginx);
    const session = new WireSession();
    try {
      chmodSync(join(nginx.prefix, 'closed'), 0o700);
      const [pid] = nginx.workers();
      const recording = await record(pid!, 1, 499);
      const names = recording.stacks.flatMap(luaFrames).map(({ name }) => name);
      assert.ok(names.includes('known_from_source_alone'), [...new Set(names)].join(' '));
      await session.next('hello');
      assert.equal(await reads(session, pid!, join(nginx.prefix, 'closed/hot.lua')), false);
      assert.equal(await reads(session, nginx.pid, join(nginx.prefix, 'closed/hot.lua')), true);
    } finally {
      await session.end();
      await load.stop();
      await nginx.stop();
    }
  });

  it('counts an access list as a refusal where only modes are known', async () => {
    execFileSync('python3', ['-c', ACCESS_LIST, join(folder, 'of-a-group'), String(OTHER)]);
    const session = new WireSession({ as: OTHER + 1 }, join(folder, 'acupoint-probe'));
    try {
      await session.next('hello');
      assert.equal(await reads(session, worker, join(folder, 'of-a-group')), false);
    } finally {
      await session.end();
    }
  });

  it('of a process of root is read as root', async () => {
    const session = new WireSession();
    try {
      await session.next('hello');
      assert.equal(await reads(session, root, join(folder, 'closed/inside')), true);
      assert.equal(await reads(session, root, join(folder, 'of-others')), true);
    } finally {
      await session.end();
    }
  });
});
