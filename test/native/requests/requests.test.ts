/** Latencies of requests against the ledger of their client and against nginx's own access log. */
import assert from 'node:assert/strict';
import { waitFor } from '../../fixtures/wait';
import { abort, Client, exchange, getByHttp2 } from './client';
import {
  BLOCKED_MS,
  BODY_MS,
  type Gateway,
  HEADER_MS,
  type Logged,
  startRequestGateway,
  UPGRADED_MS,
} from './gateway';
import { countOf, countsBy, percentile, type Row, sumOf, valuesOf } from './tables';
import { WireSession } from '../wire-session';
import { WatchedRequests } from './watched';

const PERCENTS = [50, 90, 99, 99.9, 100];

describe('requests', function () {
  this.timeout(60_000);
  let gateway: Gateway;
  let watched: WatchedRequests;
  let client: Client;

  beforeEach(async () => {
    gateway = await startRequestGateway();
    watched = await WatchedRequests.start(gateway.nginx.pid);
    client = new Client(gateway.port);
  });
  afterEach(async () => {
    client.close();
    await watched.session.end();
    await gateway.stop();
  });

  const by = (key: string, value: string, series?: string) =>
    watched.rows(series).filter(({ keys }) => keys[key] === value);

  it('are counted exactly, by what they were and who answered', async () => {
    const paths = {
      '/static/a.txt': [7, 200, 'content'],
      '/static/none': [3, 404, 'content'],
      '/denied': [4, 403, 'access'],
      '/lua-denied': [5, 403, 'access'],
      '/returned': [6, 204, 'rewrite'],
      '/proxied/a?secret=1': [2, 200, 'content'],
      '/sleep?ms=1': [4, 200, 'content'],
      '/parts': [3, 200, 'content'],
      '/moved': [2, 200, 'rewrite'],
    } as const;
    for (const [path, [count]] of Object.entries(paths))
      await client.get(Array<string>(count).fill(path), 2);
    await abort(gateway.port, '/proxied/never', 100);
    await exchange(gateway.port, 'nonsense\r\n\r\n');
    await exchange(gateway.port, 'POST /returned HTTP/1.0\r\ncontent-length: 3\r\n\r\nabc');
    const total = client.ledger.length + 3;
    await watched.until(total);
    const state = await watched.end();
    const wanted = new Map<string, number>(
      Object.entries(paths).map(([path, [count, status, phase]]) => [
        `GET ${path.replace(/\?.*/, '')} ${status} ${phase}`,
        count,
      ]),
    );
    wanted.set('GET /proxied/never 499 content', 1).set('POST /returned 204 rewrite', 1);
    const counts = countsBy(watched.rows(), 'method', 'uri', 'status', 'phase');
    counts.delete('  400 ');
    assert.deepEqual(sorted(counts), sorted(wanted));
    assert.deepEqual([state.events, state.lostEvents], [BigInt(total), 0n]);
    assert.equal(state.watchedUs, state.elapsedUs);
    assert.equal(state.missing, '');
    assert.equal(gateway.log().length, total);
    const routes = countsBy(watched.rows(), 'uri', 'route');
    for (const route of ['/static/a.txt /static/', '/sleep /sleep', '/moved @fallback'])
      assert.ok(routes.has(route), `${route}: ${[...routes.keys()].join(', ')}`);
    assert.deepEqual(
      new Set(by('uri', '/sleep').map(({ keys }) => keys['host'])),
      new Set(['one.example']),
    );
  });

  it('take as long as the client and the log say', async () => {
    // They stay few, so that they do not wait for each other.
    const paths = Array.from({ length: 300 }, (_, i) => `/sleep?ms=${20 + ((i * 37) % 60)}`);
    await client.get(paths, 4);
    await watched.until(paths.length);
    const found = valuesOf(by('uri', '/sleep')).map((us) => us / 1000);
    assert.equal(found.length, paths.length);
    assertAlike(
      found,
      client.ledger.map(({ ms }) => ms),
      'the client',
      { later: TICK_MS },
    );
    // The log cuts both of its times.
    const logged = gateway.log().filter(({ uri }) => uri === '/sleep');
    assertAlike(
      found,
      logged.map(({ ms }) => ms),
      'the log',
      // A log does not see that its worker waits for a CPU.
      { sooner: TICK_MS },
    );
    const hidden = sumOf(by('uri', '/sleep', 'requests.hidden')) / sumOf(by('uri', '/sleep'));
    assert.ok(hidden < 0.1, `${hidden} of it`);
  });

  it('that block their worker take longer than the log knows', async () => {
    await client.get(Array<string>(20).fill('/blocking'), 1);
    await watched.until(20);
    const logged = gateway.log().filter(({ uri }) => uri === '/blocking');
    assert.ok(
      logged.every(({ ms }) => ms <= 1),
      JSON.stringify(logged),
    );
    const found = valuesOf(by('uri', '/blocking')).map((us) => us / 1000);
    assertAlike(
      found,
      client.ledger.map(({ ms }) => ms),
      'the client',
      { later: TICK_MS },
    );
    const hidden = valuesOf(by('uri', '/blocking', 'requests.hidden')).map((us) => us / 1000);
    assert.ok(Math.min(...hidden) > BLOCKED_MS - 2, `${Math.min(...hidden)} ms`);
  });

  it('that wait while others block the worker count that wait', async () => {
    await client.get(Array<string>(8).fill('/sleep?ms=50'), 8);
    const before = client.ledger.length;
    await client.get(Array<string>(8).fill('/blocking'), 8);
    await watched.until(before + 8);
    const found = valuesOf(by('uri', '/blocking')).map((us) => us / 1000);
    const known = client.ledger.slice(before).map(({ ms }) => ms);
    assert.ok(Math.max(...found) > 6 * BLOCKED_MS, `${Math.max(...found)} ms`);
    assertAlike(found, known, 'the client', { later: TICK_MS, sooner: TICK_MS });
  });

  it('that wait in their socket count that wait, to the tick of the kernel', async () => {
    const other = new Client(gateway.port);
    await other.get(['/blocking']);
    await Promise.all([
      other.get(Array<string>(80).fill('/blocking')),
      client.get(Array<string>(60).fill('/returned')),
    ]);
    other.close();
    await watched.until(60 + other.ledger.length);
    const found = percentile(valuesOf(by('uri', '/returned')), 50) / 1000;
    const known = percentile(
      client.ledger.map(({ ms }) => ms),
      50,
    );
    const logged = gateway.log().filter(({ uri, ms }) => uri === '/returned' && ms <= 1);
    assert.ok(logged.length > 50, 'the log knows nothing of it');
    // At 250 ticks a second they are 4 ms apart; both ends of a wait are to be told.
    assert.ok(found > BLOCKED_MS / 2 && Math.abs(found - known) < 8, `${found} ms, ${known} ms`);
  });

  it('know the servers that they were passed to', async () => {
    await client.get(Array<string>(10).fill('/proxied'), 2);
    await client.get(Array<string>(4).fill('/retried'), 1);
    await watched.until(14);
    const logged = gateway.log();
    assertUpstreams(by('uri', '/proxied'), logged, '/proxied');
    const answered = by('uri', '/retried').filter(
      ({ keys }) => keys['upstream'] === gateway.backend,
    );
    assert.equal(countOf(answered), 4);
    const tried = countsBy(
      by('uri', '/retried', 'requests.upstream_response'),
      'upstream',
      'status',
    );
    // The dead one is left alone for a while.
    assert.ok((tried.get(`${gateway.dead} 502`) ?? 0) >= 1, [...tried].join(' '));
    assert.equal(tried.get(`${gateway.backend} 200`), 4);
  });

  function assertUpstreams(rows: readonly Row[], logged: readonly Logged[], uri: string): void {
    const own = logged.filter((one) => one.uri === uri);
    const names = ['connect', 'header', 'response'];
    assert.deepEqual([...countsBy(rows, 'upstream')], [[gateway.backend, own.length]]);
    for (const [column, name] of names.entries()) {
      const found = by('uri', uri, `requests.upstream_${name}`);
      const known = own.map(({ upstream }) => upstream[column]!.at(-1)!);
      assert.equal(countOf(found), known.length, name);
      assert.equal(
        sumOf(found) / 1000,
        known.reduce((sum, ms) => sum + ms, 0),
        name,
      );
    }
    const header = sumOf(by('uri', uri, 'requests.upstream_header')) / own.length / 1000;
    const response = sumOf(by('uri', uri, 'requests.upstream_response')) / own.length / 1000;
    assert.ok(
      header >= HEADER_MS - 2 && response >= HEADER_MS + BODY_MS - 3,
      `${header} ${response}`,
    );
  }

  it('count the bytes of either way as the log does', async () => {
    await client.get(['/static/a.txt', '/static/a.txt?b', '/sleep?ms=1', '/proxied'], 1);
    await watched.until(4);
    const logged = gateway.log();
    for (const [name, key] of [
      ['bytes_in', 'bytesIn'],
      ['bytes_out', 'bytesOut'],
    ] as const) {
      const known = logged.reduce((sum, one) => sum + one[key], 0);
      assert.equal(sumOf(watched.rows(`requests.${name}`)), known, name);
    }
  });

  it('of HTTP/2 are counted each', async () => {
    // By this one it becomes known where such a request keeps what names it.
    await client.get(['/returned']);
    await watched.until(1);
    await getByHttp2(gateway.http2, Array<string>(20).fill('/sleep?ms=30'));
    await watched.until(21);
    const rows = by('uri', '/sleep');
    assert.deepEqual([...countsBy(rows, 'host', 'status')], [['two.example 200', 20]]);
    assert.ok(percentile(valuesOf(rows), 50) >= 29_000);
  });

  it('that were upgraded count when they end', async () => {
    const upgrade = 'Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
    await exchange(gateway.port, `GET /proxied/up HTTP/1.1\r\nHost: one.example\r\n${upgrade}`);
    await watched.until(1);
    const [row] = watched.rows();
    assert.deepEqual([row?.keys['status'], row?.count], ['101', 1]);
    assert.ok(row!.sum / 1000 >= UPGRADED_MS - 2, `${row!.sum} us`);
  });
});

describe('requests over the wire', function () {
  this.timeout(60_000);
  let gateway: Gateway;
  let watched: WatchedRequests;

  before(async () => {
    gateway = await startRequestGateway({ workers: 2 });
  });
  after(() => gateway.stop());
  afterEach(() => watched.session.end());

  it('say nothing of URI and host where labels are not wanted', async () => {
    watched = await WatchedRequests.start(gateway.nginx.pid, { requestLabels: false });
    const client = new Client(gateway.port);
    await client.get(['/sleep?ms=1', '/static/a.txt'], 1);
    client.close();
    await watched.until(2);
    const counts = countsBy(watched.rows(), 'method', 'uri', 'host', 'status', 'route');
    assert.deepEqual([...counts.keys()].sort(), ['GET   200 /sleep', 'GET   200 /static/']);
    const strings = watched.batches.flatMap((batch) => batch.strings);
    assert.ok(!strings.some((text) => text.includes('one.example') || text.includes('a.txt')));
  });

  it('are of the workers that a reload brings, too', async () => {
    watched = await WatchedRequests.start(gateway.nginx.pid);
    const old = gateway.nginx.workers();
    gateway.nginx.reload();
    await waitFor('new workers', () => gateway.nginx.workers().every((pid) => !old.includes(pid)));
    const client = new Client(gateway.port);
    await waitFor('their requests', async () => {
      await client.get(['/returned']);
      return watched.rows().some(({ pid }) => !old.includes(pid));
    });
    client.close();
  });

  it('come in bursts where all of them would cost too much', async () => {
    watched = await WatchedRequests.start(gateway.nginx.pid, { budget: 20 });
    const client = new Client(gateway.port);
    const load = { wanted: true };
    const loop = (async () => {
      while (load.wanted) await client.get(Array<string>(500).fill('/returned'), 4);
    })();
    const inBursts = () => {
      const { state } = watched;
      return state && state.watchedUs < state.elapsedUs / 2n && state.events > 1000n && state;
    };
    await waitFor('bursts', inBursts, { timeoutMs: 40_000 }).finally(() => (load.wanted = false));
    await loop;
    client.close();
    // The last requests are in a state of after them.
    const ended = watched.state!.elapsedUs;
    const burst = await waitFor('a later state', () => {
      const { state } = watched;
      return state && state.elapsedUs > ended + 2_000_000n && state;
    });
    assert.equal(burst.lostEvents, 0n);
    // All of them, estimated by the time that was watched, which follows from nginx's own count.
    const all = (Number(burst.events) * Number(burst.elapsedUs)) / Number(burst.watchedUs);
    assert.ok(Math.abs(all / client.ledger.length - 1) < 0.25, `${all} of ${client.ledger.length}`);
  });

  it('need BPF, and say so', async () => {
    const session = new WireSession({ sampler: 'ptrace' });
    try {
      const target = { case: 'master', value: gateway.nginx.pid } as const;
      await session.ask({ case: 'start', value: { target, rateHz: 19 } }, 'started');
      const { text } = await session.refusal({
        case: 'watch',
        value: { instrument: 'requests', on: true },
      });
      assert.match(text, /BPF and uprobes/);
    } finally {
      await session.end();
    }
  });
});

const sorted = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([key, count]) => `${key} ${count}`).sort();

/**
 * Each percentile within a millisecond or 2.5 %. On a machine that is busy, what is known may be more by what nobody
 * tells: by `later`, a worker's wait for a CPU of less than a tick of the kernel; and less, by `sooner`.
 */
function assertAlike(
  found: readonly number[],
  known: readonly number[],
  whose: string,
  { later = 0, sooner = 0 } = {},
): void {
  for (const percent of PERCENTS) {
    const [a, b] = [percentile(found, percent), percentile(known, percent)];
    const said = `p${percent}: ${a.toFixed(2)} ms, ${whose} says ${b.toFixed(2)} ms`;
    const bar = Math.max(1, 0.025 * b);
    assert.ok(a <= b + bar + sooner && a >= b - bar - later, said);
  }
}

/** Of a kernel that counts 250 of them a second, and what a test waits for one. */
const TICK_MS = 5;
