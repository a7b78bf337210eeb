/** All that a master has for a child is its own, whatever its titles are; and nobody else is. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, waitFor } from '../fixtures/wait';
import { runProbe } from './binary';
import { childrenOf, keepBusy, type Nginx, startNginx } from './nginx';
import { WireSession } from './wire-session';

interface Listed {
  pid: number;
  configFile: string;
  prefix: string;
  workers: { pid: number; cpuPercent: number; title: string }[];
}

async function list(): Promise<Listed[]> {
  const run = await runProbe(['list', '--json']);
  assert.equal(run.code, 0, run.stderr);
  return (JSON.parse(run.stdout) as { masters: Listed[] }).masters;
}

const pidsOf = (master: Listed | undefined) => master?.workers.map(({ pid }) => pid).sort();
const titlesOf = (master: Listed | undefined) => master?.workers.map(({ title }) => title) ?? [];

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}

/** Lua that gives the process another title, as an application does. */
const RETITLE = `
  local ffi = require("ffi")
  ffi.cdef[[ extern char **ngx_os_argv; int fork(void); int pause(void); ]]
  local function retitle(text)
    ffi.fill(ffi.C.ngx_os_argv[0], 64)
    ffi.copy(ffi.C.ngx_os_argv[0], text)
  end
  local function work() for i = 1, 300000 do local x = i % 7 end end
  jit.off(work)`;

/** The second worker is a privileged agent by its title; the first has forked a process. */
const HELPERS = {
  workers: 2,
  http: `proxy_cache_path PREFIX/cache keys_zone=c:1m;
  init_worker_by_lua_block {${RETITLE}
    if ngx.worker.id() == 0 and ffi.C.fork() == 0 then
      retitle("shop: price updater")
      while true do ffi.C.pause() end
    end
    if ngx.worker.id() == 1 then
      ngx.timer.at(0, function() retitle("nginx: privileged agent process") end)
      ngx.timer.every(0.02, work)
    end
  }`,
};

/** Workers are in their init_worker phase until there is a file "go". */
const STARTING = {
  workers: 2,
  mayNotServe: true,
  http: `init_worker_by_lua_block {
    local function rebuild() for i = 1, 100000 do local x = i % 7 end end
    jit.off(rebuild)
    local go
    repeat rebuild() go = io.open("PREFIX/go") until go
  }`,
};

async function sampled(session: WireSession, pids: readonly number[]): Promise<void> {
  const left = new Set(pids);
  await session.next('batch', ({ stacks }) => {
    for (const rows of stacks) for (const pid of rows.pids) left.delete(pid);
    return left.size === 0;
  });
}

const startMaster = (session: WireSession, pid: number) =>
  session.ask(
    { case: 'start', value: { target: { case: 'master', value: pid }, rateHz: 999 } },
    'started',
  );

describe('what belongs to a master', () => {
  let session: WireSession;
  beforeEach(() => {
    session = new WireSession();
  });
  afterEach(() => session.end());

  it('is a privileged agent, the cache processes, and what an application forked and named', async () => {
    const nginx = await startNginx(HELPERS);
    try {
      const wanted = [
        'nginx: cache loader process',
        'nginx: cache manager process',
        'nginx: privileged agent process',
        'nginx: worker process',
        'shop: price updater',
      ];
      const master = await waitFor('all titles', async () => {
        const found = (await list()).find(({ pid }) => pid === nginx.pid);
        return wanted.every((title) => titlesOf(found).includes(title)) && found;
      });
      assert.deepEqual(titlesOf(master).sort(), wanted);
      const { pids } = await startMaster(session, nginx.pid);
      assert.deepEqual([...pids].sort(), pidsOf(master));
      const agent = master.workers.find(({ title }) => title.includes('agent'))!;
      await sampled(session, [agent.pid]);
    } finally {
      await nginx.stop();
    }
  });

  it('is a worker in its init_worker phase, whose title is still its master’s', async () => {
    const nginx = await startNginx(STARTING);
    try {
      const workers = await waitFor('workers', () => {
        const pids = nginx.workers();
        return pids.length === 2 && pids;
      });
      assert.match(titleOf(workers[0]!), /^nginx: master process/);
      const masters = await list();
      assert.deepEqual(pidsOf(masters.find(({ pid }) => pid === nginx.pid)), [...workers].sort());
      assert.ok(!masters.some(({ pid }) => workers.includes(pid)), 'one master');
      const { pids } = await startMaster(session, nginx.pid);
      assert.deepEqual([...pids].sort(), [...workers].sort());
      await sampled(session, workers);
      // By its own pid it is no master.
      const other = new WireSession();
      const target = { case: 'master', value: workers[0]! } as const;
      const refused = await other.refusal({ case: 'start', value: { target, rateHz: 99 } });
      assert.match(refused.text, /is not an nginx master/);
      await other.end();
    } finally {
      writeFileSync(join(nginx.prefix, 'go'), '');
      await nginx.stop();
    }
  });

  it('are the workers that a reload brings while they start', async () => {
    const nginx = await startNginx({ ...STARTING, files: { go: '' }, mayNotServe: false });
    try {
      const before = nginx.workers();
      await startMaster(session, nginx.pid);
      await rm(join(nginx.prefix, 'go'));
      nginx.reload();
      const fresh = await waitFor('new workers', () => {
        const pids = nginx.workers().filter((pid) => !before.includes(pid));
        return pids.length === 2 && pids;
      });
      await sampled(session, fresh);
    } finally {
      writeFileSync(join(nginx.prefix, 'go'), '');
      await nginx.stop();
    }
  });

  it('is not the master that an upgrade starts, which is one more', async () => {
    const nginx = await startNginx({ upgradable: true });
    try {
      const second = await nginx.upgrade();
      const masters = await list();
      const [first, other] = [nginx.pid, second].map((pid) =>
        masters.find((master) => master.pid === pid),
      );
      assert.deepEqual(pidsOf(other), childrenOf(second).sort());
      assert.deepEqual(
        pidsOf(first),
        childrenOf(nginx.pid)
          .filter((pid) => pid !== second)
          .sort(),
      );
    } finally {
      await nginx.stop();
    }
  });

  it('is not a daemon that the first process of a container inherits', async function () {
    if (process.getuid?.() !== 0) this.skip();
    const daemon = `daemon on; pid daemon.pid; events {}
http { access_log off; client_body_temp_path t/a; proxy_temp_path t/b; fastcgi_temp_path t/c;
  uwsgi_temp_path t/d; scgi_temp_path t/e; server { listen 127.0.0.1:${await freePort()}; } }`;
    // The shell is the first process, starts the daemon, and becomes the other nginx.
    const both = '"$1" -e stderr -p "$5" -c daemon.conf && exec "$@"';
    const through = ['unshare', '--pid', '--fork', '--kill-child', 'sh', '-c', both, 'sh'];
    const nginx = await startNginx({ through, files: { 'daemon.conf': daemon } });
    try {
      // Its pid file has the number of inside.
      const masters = await list();
      const outer = masters.find(({ configFile }) => configFile === `${nginx.prefix}/nginx.conf`);
      const inner = masters.find(({ configFile }) => configFile === `${nginx.prefix}/daemon.conf`);
      assert.ok(outer && inner, JSON.stringify(masters));
      assert.ok(childrenOf(outer.pid).includes(inner.pid), 'it was inherited');
      assert.deepEqual(pidsOf(inner), childrenOf(inner.pid).sort());
      assert.deepEqual(
        pidsOf(outer),
        childrenOf(outer.pid)
          .filter((pid) => pid !== inner.pid)
          .sort(),
      );
    } finally {
      await nginx.stop();
    }
  });

  it('stays in the list when the master was killed, without a configuration that is a guess', async () => {
    const through = ['sh', '-c', '"$@" & wait; exec sleep infinity', 'sh'];
    const nginx = await startNginx({ workers: 2, through });
    const workers = nginx.workers().sort();
    try {
      process.kill(nginx.pid, 'SIGKILL');
      await waitFor('the master to be gone', () => titleOf(nginx.pid) === '');
      const orphans = (await list()).filter(({ pid }) => workers.includes(pid));
      assert.deepEqual(orphans.map(({ pid }) => pid).sort(), workers);
      for (const orphan of orphans) {
        assert.deepEqual(pidsOf(orphan), [orphan.pid]);
        assert.equal(orphan.configFile, '');
      }
      const { pids } = await startMaster(session, workers[0]!);
      assert.deepEqual(pids, [workers[0]]);
    } finally {
      for (const pid of workers) process.kill(pid, 'SIGKILL');
      await nginx.stop();
    }
  });
});

describe('CPU time in a list', () => {
  it('is never more than a thread has, however many servers are looked at', async () => {
    const idle: Nginx[] = [];
    const single = await startNginx({ single: true });
    const busy = keepBusy(single);
    try {
      for (let i = 0; i < 6; i++) idle.push(await startNginx({ workers: 4 }));
      for (let i = 0; i < 5; i++) {
        const masters = await list();
        const [worker] = masters.find(({ pid }) => pid === single.pid)?.workers ?? [];
        assert.ok(worker);
        assert.ok(worker.cpuPercent > 0 && worker.cpuPercent <= 100, `${worker.cpuPercent} %`);
      }
    } finally {
      await busy.stop();
      await Promise.all([single, ...idle].map((each) => each.stop()));
    }
  });
});
