/** Subrequests against the ledger of the Lua code that waits for them, and by what nginx makes them for. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort, waitFor } from '../../fixtures/wait';
import { type Nginx, startNginx } from '../nginx';
import { Client } from './client';
import { countOf, countsBy, type Row, sumOf, valuesOf } from './tables';
import { WatchedRequests } from './watched';

const SERIES = 'requests.subrequests';
const UPSTREAM_MS = 50;
/** The worker's and the client's clocks, and the loop between them. */
const OFF_MS = 3;

const http = (port: number, backend: number, dead: number) => `
  init_by_lua_block {
    function timed(...)
      ngx.update_time()
      local began = ngx.now()
      local answers = { ngx.location.capture_multi({ ... }) }
      ngx.update_time()
      ngx.say((ngx.now() - began) * 1000)
      for _, answer in ipairs(answers) do ngx.say(answer.status) end
    end
  }
  server {
    listen 127.0.0.1:${port};
    root html;
    location /static/ { }
    location = /nap { internal; content_by_lua_block { ngx.sleep(tonumber(ngx.var.arg_ms) / 1000) ngx.print("x") } }
    location = /proxied { internal; proxy_pass http://127.0.0.1:${backend}/; }
    location = /refused { internal; proxy_pass http://127.0.0.1:${dead}/; }
    location = /empty { internal; return 204; }
    location = /fallen { internal; error_page 404 /nap?ms=40; root html/none; }
    location = /nested { internal; content_by_lua_block { ngx.location.capture("/nap?ms=30") ngx.sleep(0.02) } }
    location = /allowed { internal; content_by_lua_block { ngx.sleep(0.02) ngx.exit(200) } }
    location = /copy { internal; content_by_lua_block { ngx.sleep(0.08) } }

    location = /one { content_by_lua_block { timed({ "/nap", { args = { ms = 60 } } }) } }
    location = /many { content_by_lua_block {
      timed({ "/nap", { args = { ms = 90 } } }, { "/static/a.txt" }, { "/proxied" })
    } }
    location = /odd { content_by_lua_block {
      timed({ "/static/none" }, { "/empty" }, { "/refused" })
    } }
    location = /deep { content_by_lua_block { timed({ "/nested" }) } }
    location = /page.html { ssi on; }
    location = /turned.html { ssi on; }
    location = /asked { auth_request /allowed; content_by_lua_block { ngx.say("in") } }
    location = /mirrored { mirror /copy; content_by_lua_block { ngx.say("at once") } }
  }`;

const TURNED = '<!--#include virtual="/fallen" -->';
const PAGE = '<!--#include virtual="/nap-a" --><!--#include virtual="/static/a.txt" -->';

async function startBackend(): Promise<Server> {
  const server = createServer((_, response) => {
    void delay(UPSTREAM_MS).then(() => response.end('answer'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('subrequests', function () {
  this.timeout(60_000);
  let backend: Server;
  let nginx: Nginx;
  let client: Client;
  let watched: WatchedRequests;

  before(async () => {
    backend = await startBackend();
    const [port, dead] = [await freePort(), await freePort()];
    nginx = await startNginx({
      files: {
        'html/static/a.txt': 'a'.repeat(500),
        'html/page.html': PAGE,
        'html/turned.html': TURNED,
      },
      http: http(port, (backend.address() as AddressInfo).port, dead),
    });
    client = new Client(port);
    watched = await WatchedRequests.start(nginx.pid);
    // A worker is known to have subrequests by its first.
    await waitFor('subrequests to be watched', async () => {
      await client.get(['/one']);
      return countOf(watched.rows(SERIES)) > 0;
    });
    await watched.until(client.ledger.length);
  });
  after(async () => {
    client.close();
    await watched.session.end();
    await nginx.stop();
    backend.close();
  });

  /** Rows that so many requests of a path add, when it is so many subrequests. */
  async function added(path: string, times: number, subrequests: number): Promise<Row[]> {
    const before = watched.rows(SERIES).length;
    const requests = countOf(watched.rows());
    const since = () => watched.rows(SERIES).slice(before);
    await client.get(Array<string>(times).fill(path));
    await watched.until(requests + times);
    await waitFor(`${subrequests} subrequests`, () => countOf(since()) >= subrequests, {
      describe: () => JSON.stringify(since()),
    });
    return since();
  }
  const of = (rows: readonly Row[], uri: string) => rows.filter(({ keys }) => keys['uri'] === uri);
  const longest = (rows: readonly Row[]) => Math.max(...valuesOf(rows)) / 1000;
  const shortest = (rows: readonly Row[]) => Math.min(...valuesOf(rows)) / 1000;
  const counted = (rows: readonly Row[]) => [...countsBy(rows, 'uri', 'status')].sort();
  function lastsFrom(rows: readonly Row[], ms: number) {
    assert.ok(shortest(rows) > ms * 0.97 - 1, `${shortest(rows)} ms`);
    assert.ok(shortest(rows) < ms + 5 * OFF_MS, `${shortest(rows)} ms`);
  }

  it('count for their own, each for its time, beside the request that waits for all', async () => {
    const rows = await added('/many', 5, 15);
    assert.deepEqual(counted(rows), [
      ['/nap 200', 5],
      ['/proxied 200', 5],
      ['/static/a.txt 200', 5],
    ]);
    lastsFrom(of(rows, '/nap'), 90);
    lastsFrom(of(rows, '/proxied'), UPSTREAM_MS);
    assert.ok(longest(of(rows, '/static/a.txt')) < 10);
    const whole = watched.rows().filter(({ keys }) => keys['uri'] === '/many');
    assert.equal(countOf(whole), 5);
    assert.ok(sumOf(of(rows, '/nap')) <= sumOf(whole));
    assert.ok(sumOf(whole) - sumOf(of(rows, '/nap')) < 5 * OFF_MS * 1000 * 5);
    const passed = watched.rows('requests.subrequests_upstream');
    assert.equal(countOf(of(passed, '/proxied')), 5);
  });

  it('that nginx answers itself have the status and end with it', async () => {
    const rows = await added('/odd', 4, 12);
    assert.deepEqual(counted(rows), [
      ['/empty 204', 4],
      ['/refused 502', 4],
      ['/static/none 404', 4],
    ]);
    const answers = watched.rows('requests.subrequests_upstream');
    assert.equal(countOf(of(answers, '/refused')), 4);
  });

  it('that turn to another location go on there, and are one', async () => {
    const rows = await added('/turned.html', 4, 4);
    assert.equal(countOf(rows), 4, JSON.stringify(counted(rows)));
    lastsFrom(rows, 40);
  });

  it('within subrequests are each one, the outer with the time of the inner', async () => {
    const rows = await added('/deep', 4, 8);
    assert.deepEqual(counted(rows), [
      ['/nap 200', 4],
      ['/nested 200', 4],
    ]);
    lastsFrom(of(rows, '/nap'), 30);
    lastsFrom(of(rows, '/nested'), 50);
  });

  it('of pages, access checks and mirrors count, too', async () => {
    const page = await added('/page.html', 3, 6);
    assert.equal(countOf(of(page, '/static/a.txt')), 3, JSON.stringify(counted(page)));
    assert.equal(countOf(of(page, '/nap-a')), 3);
    const asked = await added('/asked', 3, 3);
    assert.deepEqual(counted(asked), [['/allowed 200', 3]]);
    lastsFrom(asked, 20);
    const mirrored = await added('/mirrored', 3, 3);
    assert.equal(countOf(mirrored), 3, JSON.stringify(counted(mirrored)));
    lastsFrom(mirrored, 80);
  });

  it('add nothing to the count of requests', async () => {
    const state = await watched.end();
    assert.equal(Number(state.events), client.ledger.length);
    assert.equal(state.lostEvents, 0n);
  });
});
