import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { runProbe } from './binary';
import { type Nginx, startNginx } from './nginx';
import { WireSession } from './wire-session';

interface Listed {
  pid: number;
  kind: string;
  version: string;
  nginxVersion: string;
  executable: string;
  prefix: string;
  configFile: string;
  container: string;
  user: string;
  lua: boolean;
  listen: string[];
  workers: {
    pid: number;
    startTime: number;
    cpuPercent: number;
    rssBytes: number;
    title: string;
  }[];
}

async function list(): Promise<Listed[]> {
  const run = await runProbe(['list', '--json']);
  assert.equal(run.code, 0, run.stderr);
  return (JSON.parse(run.stdout) as { masters: Listed[] }).masters;
}

describe('listing nginx servers', () => {
  let nginx: Nginx;
  let single: Nginx;
  before(async () => {
    nginx = await startNginx({ workers: 2 });
    single = await startNginx({ single: true });
  });
  after(async () => {
    await nginx.stop();
    await single.stop();
  });

  it('tells what a master is and where it listens', async () => {
    const master = (await list()).find(({ pid }) => pid === nginx.pid);
    assert.ok(master);
    assert.equal(master.kind, 'nginx');
    assert.match(master.version, /^\d+\.\d+\.\d+$/);
    assert.equal(master.nginxVersion, master.version);
    assert.match(master.executable, /\/nginx$/);
    assert.equal(master.prefix, nginx.prefix);
    assert.equal(master.configFile, `${nginx.prefix}/nginx.conf`);
    assert.equal(master.user, 'root');
    assert.equal(master.lua, true);
    assert.deepEqual(master.listen.sort(), [`127.0.0.1:${nginx.port}`, `unix:${nginx.socket}`]);
  });

  const PRODUCTS = [
    {
      kind: 'Kong',
      version: '3.9.1',
      files: {
        '.kong_env': 'prefix = /usr/local/kong\n',
        'nginx-kong.conf':
          "lua_package_path './?.lua;PREFIX/share/?/init.lua;$prefix/share/?.lua;;';",
        'share/kong/meta.lua':
          'local version = setmetatable({\n  major = 3,\n  minor = 9,\n  patch = 1,\n}, {})',
      },
    },
    {
      kind: 'APISIX',
      version: '3.11.0',
      http: 'lua_package_path "PREFIX/?.lua;;"; # apisix.http_init()',
      files: { 'apisix/core/version.lua': 'return {\n    VERSION = "3.11.0"\n}\n' },
    },
    { kind: 'Kong', version: '', files: { '.kong_env': '' } },
  ];
  for (const { kind, version, ...options } of PRODUCTS) {
    it(`tells ${kind} ${version || 'without a version'} by its files`, async () => {
      const product = await startNginx(options);
      try {
        const master = (await list()).find(({ pid }) => pid === product.pid);
        assert.equal(master?.kind, kind);
        assert.equal(master.version, version);
        assert.match(master.nginxVersion, /^\d+\.\d+\.\d+$/);
      } finally {
        await product.stop();
      }
    });
  }

  it('lists its workers', async () => {
    const master = (await list()).find(({ pid }) => pid === nginx.pid);
    assert.deepEqual(master?.workers.map(({ pid }) => pid).sort(), nginx.workers().sort());
    for (const worker of master?.workers ?? []) {
      assert.equal(worker.title, 'nginx: worker process');
      assert.ok(worker.rssBytes > 1e6);
      assert.ok(worker.startTime > 0);
    }
  });

  it('lists a server without a master as its own worker', async () => {
    const alone = (await list()).find(({ pid }) => pid === single.pid);
    assert.equal(alone?.configFile, `${single.prefix}/nginx.conf`);
    assert.deepEqual(
      alone.workers.map(({ pid }) => pid),
      [single.pid],
    );
  });

  it('shows what a busy worker uses', async () => {
    let wanted = true;
    const busy = (async () => {
      while (wanted) await single.load();
    })();
    const alone = (await list()).find(({ pid }) => pid === single.pid);
    wanted = false;
    await busy;
    assert.ok((alone?.workers[0]?.cpuPercent ?? 0) > 0.5, JSON.stringify(alone?.workers));
  });

  it('is not taken in by a process that calls itself nginx', async () => {
    const title = 'nginx: master process \n\xff'.padEnd(5000, 'x');
    const imposter = spawn('sleep', ['60'], { argv0: title, stdio: 'ignore' });
    try {
      assert.equal(
        (await list()).some(({ pid }) => pid === imposter.pid),
        false,
      );
    } finally {
      const gone = once(imposter, 'exit');
      imposter.kill();
      await gone;
    }
  });

  it('prints a table for people', async () => {
    const run = await runProbe(['list']);
    assert.equal(run.code, 0);
    assert.ok(run.stdout.includes(`master ${nginx.pid}`), run.stdout);
    assert.ok(run.stdout.includes(`127.0.0.1:${nginx.port}`), run.stdout);
  });

  it('gives the same over the wire', async () => {
    const session = new WireSession();
    try {
      const listing = await session.ask({ case: 'list', value: {} }, 'listing');
      const master = listing.masters.find(({ pid }) => pid === nginx.pid);
      assert.equal(master?.configFile, `${nginx.prefix}/nginx.conf`);
      assert.deepEqual(master.workers.map(({ pid }) => pid).sort(), nginx.workers().sort());
    } finally {
      await session.end();
    }
  });
});
