/** Workers' memory and shared zones on the wire, against what nginx says itself. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { GcPhase, type FromProbe } from '../../extension/probe/generated/acupoint_pb';
import { freePort, waitFor } from '../fixtures/wait';
import { type Nginx, startNginx } from './nginx';
import { WireSession } from './wire-session';

type Batch = Extract<FromProbe['message'], { case: 'batch' }>['value'];
type Zones = NonNullable<Batch['zones']>;

const MEBIBYTE = 2 ** 20;
const HELD = 24 * MEBIBYTE;

const fill = `
    local shared = ngx.shared
    for i = 1, 1000 do shared.mixed:set("kept" .. i, i) end
    for i = 1, 500 do shared.mixed:set("late" .. i, string.rep("x", 200), 0.001) end
    for i = 1, 30 do shared.mixed:set("pages" .. i, string.rep("y", 10000)) end
    for i = 1, 10 do for k = 1, 50 do shared.lists:rpush("list" .. i, "value" .. k) end end
    for i = 1, 5000 do shared.full:set("k" .. i, string.rep("z", 100)) end
    for i = 1, 40000 do
      shared.large:set("k" .. i, string.rep("z", i % 600), i % 4 == 0 and 0.001 or 0)
    end`;

const http = (port: number) => `
  limit_req_zone $binary_remote_addr zone=limits:1m rate=10r/s;
  proxy_cache_path t/cache keys_zone=cached:2m;
  lua_shared_dict mixed 10m;
  lua_shared_dict lists 1m;
  lua_shared_dict full 64k;
  lua_shared_dict large 30m;
  lua_shared_dict least 12k;
  init_by_lua_block {${fill}
  }
  server {
    listen 127.0.0.1:${port};
    location /shared { content_by_lua_block {
      local out = {}
      for name, dict in pairs(ngx.shared) do
        out[#out + 1] = string.format('"%s":{"capacity":%d,"free":%d,"keys":%d}', name,
          dict:capacity(), dict:free_space(), #dict:get_keys(0))
      end
      ngx.say("{", table.concat(out, ","), "}")
    } }
    location /churn { content_by_lua_block {
      collectgarbage("restart")
      local until_, kept = ngx.now() + 4, nil
      while ngx.now() < until_ do
        kept = {}
        for i = 1, 60000 do kept[i] = { i } end
        ngx.update_time()
      end
      ngx.say("done")
    } }
    location /hold { content_by_lua_block {
      held = {}
      for i = 1, ${HELD} / 1024 do held[i] = string.rep("h", 1100) .. i end
      collectgarbage() collectgarbage("stop")
      ngx.say(collectgarbage("count") * 1024)
    } }
  }`;

/** Of a line such as "RssAnon:	 123 kB", in bytes. */
function statusOf(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
}

function mapped(pid: number, isWanted: (line: string) => boolean): number {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').filter(isWanted);
  return lines.reduce((sum, line) => {
    const [from, to] = line.split(' ')[0]!.split('-');
    return sum + parseInt(to!, 16) - parseInt(from!, 16);
  }, 0);
}

describe('memory on the wire', () => {
  let nginx: Nginx;
  let port: number;
  let session: WireSession;
  before(async () => {
    port = await freePort();
    nginx = await startNginx({ workers: 2, http: http(port) });
  });
  after(() => nginx.stop());
  beforeEach(() => {
    session = new WireSession();
  });
  afterEach(() => session.end());

  const get = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  const start = () => {
    const target = { case: 'master', value: nginx.pid } as const;
    return session.ask({ case: 'start', value: { target, rateHz: 1 } }, 'started');
  };
  const next = (fits: (batch: Batch) => boolean) =>
    session.next('batch', fits, session.received.length);
  /** Its cache processes are in the message, too. */
  const memoryOfWorkers = async () => {
    const isWorker = ({ pid }: { pid: number }) =>
      readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('nginx: worker process');
    const { memory } = await next((batch) => batch.memory.length === nginx.workers().length);
    return memory.filter(isWorker);
  };
  const zonesOf = async (): Promise<Zones> => (await session.next('batch', hasZones)).zones!;
  const hasZones = ({ zones }: Batch) => zones !== undefined;
  const zone = (zones: Zones, name: string) => zones.zones.find((each) => each.name === name)!;

  it('divides the resident memory as the kernel does, and finds the heap of C', async () => {
    await start();
    const memory = await memoryOfWorkers();
    for (const worker of memory) {
      const near = (value: bigint, truth: number, what: string) => {
        const difference = Math.abs(Number(value) - truth);
        // The kernel adds up in steps, and a worker's pages come as they are touched.
        assert.ok(difference <= MEBIBYTE / 2, `${what}: ${value}, not ${truth}`);
      };
      near(worker.rssAnon, statusOf(worker.pid, 'RssAnon'), 'private');
      near(worker.rssFile, statusOf(worker.pid, 'RssFile'), 'files');
      near(worker.rssShared, statusOf(worker.pid, 'RssShmem'), 'shared');
      near(worker.swapped, statusOf(worker.pid, 'VmSwap'), 'swapped');
      near(worker.rssBytes, statusOf(worker.pid, 'VmRSS'), 'all');
      assert.equal(worker.rssBytes, worker.rssAnon + worker.rssFile + worker.rssShared);
      const heap = mapped(worker.pid, (line) => line.endsWith('[heap]'));
      assert.equal(Number(worker.cHeap), heap);
      const shared = mapped(worker.pid, (line) => line.includes(' rw-s '));
      assert.equal(Number(worker.sharedMapped), shared);
      assert.ok(shared > 44 * MEBIBYTE);
    }
  });

  it("knows LuaJIT's allocator and what the collector counts", async () => {
    const counted = parseFloat(await get('/hold'));
    await start();
    const memory = await memoryOfWorkers();
    const held = memory.find(({ gcTotal }) => Number(gcTotal) > HELD);
    assert.ok(held, 'one of the workers holds it');
    assert.ok(Math.abs(Number(held.gcTotal) / counted - 1) < 0.02, `${held.gcTotal}, ${counted}`);
    assert.deepEqual(
      memory.map(({ vms, luaAllocators }) => [vms, luaAllocators]),
      [
        [1, 1],
        [1, 1],
      ],
    );
    const segments = Number(held.luaSegments);
    const vm = mapped(held.pid, (line) => / rw-p 0{8} 00:00 0 *$/.test(line));
    assert.ok(segments > 0.95 * HELD && segments < 1.5 * counted, `${segments} of ${counted}`);
    assert.ok(segments <= vm, 'it is all mapped');
    assert.ok(held.gcLow <= held.gcTotal && held.gcTotal <= held.gcHigh);
    assert.equal(held.gcPhase, GcPhase.GC_PAUSE);
    assert.equal(held.gcDebt, 0n);
    // It was switched off.
    assert.equal(held.gcThreshold, 0n);
  });

  it('sees the collector go through its cycles between two messages', async () => {
    await start();
    const busy = get('/churn');
    const { memory } = await next((batch) => batch.memory.some((m) => m.gcCycles >= 3));
    const worker = memory.find(({ gcCycles }) => gcCycles >= 3)!;
    assert.ok(Number(worker.gcHigh - worker.gcLow) > MEBIBYTE, `${worker.gcLow} ${worker.gcHigh}`);
    await busy;
  });

  it('has every zone with its module, size and free pages', async () => {
    await start();
    const zones = await zonesOf();
    assert.deepEqual([zones.missing, zones.leftOut], ['', 0]);
    assert.ok(nginx.workers().includes(zones.pid));
    assert.deepEqual(
      zones.zones.map(({ name, module }) => [name, module]),
      [
        ['limits', 'ngx_http_limit_req_module'],
        ['cached', 'ngx_http_proxy_module'],
        ...['mixed', 'lists', 'full', 'large', 'least'].map((n) => [n, 'ngx_http_lua_module']),
      ],
    );
    assert.equal(Number(zone(zones, 'cached').sizeBytes), 2 * MEBIBYTE);
    assert.equal(zone(zones, 'cached').dict, undefined);
    assert.ok(zone(zones, 'cached').freePages > 0.95 * zone(zones, 'cached').pages);
    type Told = Record<string, { capacity: number; free: number; keys: number }>;
    const told = JSON.parse(await get('/shared')) as Told;
    for (const [name, { capacity, free }] of Object.entries(told)) {
      const { sizeBytes, freePages, pageBytes, residentBytes } = zone(zones, name);
      assert.equal(Number(sizeBytes), capacity, name);
      assert.equal(freePages * pageBytes, free, name);
      assert.ok(residentBytes > 0n && residentBytes <= sizeBytes, name);
    }
    assert.equal(Number(zone(zones, 'full').dict?.entries), told['full']!.keys);
  });

  it('counts entries, those that have expired, and what was refused', async () => {
    await start();
    const zones = await zonesOf();
    const { entries, expired, pagesLookedAt, pagesUsed } = zone(zones, 'mixed').dict!;
    assert.deepEqual([entries, expired], [1530n, 500n]);
    assert.equal(pagesLookedAt, pagesUsed);
    // The elements of a list are blocks, but no entries.
    assert.equal(zone(zones, 'lists').dict?.entries, 10n);
    assert.ok(zone(zones, 'lists').blocks > 500n);
    assert.equal(zone(zones, 'least').dict?.entries, 0n);
    assert.ok(zone(zones, 'full').refused > 4000n);
    assert.ok(['mixed', 'large', 'limits'].every((name) => zone(zones, name).refused === 0n));
    const large = zone(zones, 'large').dict!;
    assert.ok(large.pagesLookedAt < large.pagesUsed);
    assert.ok(Math.abs(Number(large.entries) / 40_000 - 1) < 0.02, `${large.entries}`);
    assert.ok(Math.abs(Number(large.expired) / 10_000 - 1) < 0.1, `${large.expired}`);
  });

  it('leaves the shared memory of a worker where it was', async () => {
    const fresh = await startNginx({ workers: 1, http: http(await freePort()) });
    try {
      const [pid] = fresh.workers();
      const before = statusOf(pid!, 'RssShmem');
      await session.ask(
        { case: 'start', value: { target: { case: 'pid', value: pid! }, rateHz: 1 } },
        'started',
      );
      assert.ok((await zonesOf()).zones.some(({ dict }) => Number(dict?.entries) > 0));
      const after = statusOf(pid!, 'RssShmem');
      // A look at the statistics of nginx, which count its requests, may be one.
      assert.ok(after - before <= 16384, `${before} before, ${after} after`);
    } finally {
      await fresh.stop();
    }
  });

  it('looks again, and through a new worker after a reload', async () => {
    await start();
    const first = await zonesOf();
    nginx.reload();
    await waitFor('new workers', () => !nginx.workers().includes(first.pid), { timeoutMs: 20_000 });
    const later = await session.next(
      'batch',
      ({ zones }) => zones !== undefined && nginx.workers().includes(zones.pid),
    );
    assert.equal(zone(later.zones!, 'mixed').dict?.entries, 1530n);
  });
});
