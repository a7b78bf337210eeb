/** Requests and modules on the wire, against a real nginx. */
import assert from 'node:assert/strict';
import { RequestScope, type FromProbe } from '../../extension/probe/generated/acupoint_pb';
import { freePort, waitFor } from '../fixtures/wait';
import { type Nginx, keepBusy, startNginx } from './nginx';
import { WireSession } from './wire-session';

type Batch = Extract<FromProbe['message'], { case: 'batch' }>['value'];

const files = {
  'kong/meta.lua': 'return { _NAME = "kong", _VERSION = "3.9.1" }',
  'kong/plugins/quiet/handler.lua': 'return {}',
  'late/one.lua': 'return {}',
};

const http = (port: number) => `
  lua_package_path "PREFIX/?.lua;;";
  init_by_lua_block {
    require("kong.meta")
    require("kong.plugins.quiet.handler")
    package.loaded["gone.before"] = true
    package.loaded["gone.before"] = nil
    package.loaded["\\0\\255hostile"] = true
    package.loaded[string.rep("x", 300)] = true
  }
  server {
    listen 127.0.0.1:${port};
    location /late { content_by_lua_block { require("late.one") ngx.say("x") } }
    location /private { content_by_lua_block {
      local sum = 0
      for i = 1, 300000 do sum = sum + i % 7 end
      ngx.say(sum)
    } }
  }`;

describe('labels on the wire', () => {
  let nginx: Nginx;
  let port: number;
  let session: WireSession;
  before(async () => {
    port = await freePort();
    nginx = await startNginx({ workers: 2, files, http: http(port) });
  });
  after(() => nginx.stop());
  beforeEach(() => {
    session = new WireSession();
  });
  afterEach(() => session.end());

  const get = async (path: string) => {
    await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  };
  const start = (pid: number | undefined, requestLabels: boolean) => {
    const target =
      pid === undefined
        ? ({ case: 'master', value: nginx.pid } as const)
        : ({ case: 'pid', value: pid } as const);
    const value = { target, rateHz: 499, requestLabels };
    return session.ask({ case: 'start', value }, 'started');
  };
  const batches = () =>
    session.received.flatMap((m): Batch[] => (m.case === 'batch' ? [m.value] : []));
  const strings = () => ['', ...batches().flatMap((batch) => batch.strings)];
  const health = () =>
    session.next('batch', (b) => b.health !== undefined, session.received.length);

  it('has the modules of each VM, and has them again when they changed', async () => {
    await start(undefined, true);
    const sets = () => batches().flatMap(({ modules }) => modules);
    await waitFor('the modules of both workers', () => sets().length >= 2);
    const names = (index: number) => sets()[index]!.names.map((id) => strings()[id]);
    for (const [index, set] of sets().entries()) {
      assert.ok(nginx.workers().includes(set.pid));
      assert.ok(set.vm > 0n);
      for (const name of ['_G', 'string', 'ngx', 'kong.meta', 'kong.plugins.quiet.handler']) {
        assert.ok(names(index).includes(name), name);
      }
      assert.ok(names(index).includes('\ufffd\ufffdhostile'));
      assert.ok(!names(index).includes('gone.before'));
      assert.ok(!names(index).includes('late.one'));
      // The name that is too long.
      assert.equal(set.leftOut, 1);
      assert.equal(strings()[set.kongVersion], '3.9.1');
      assert.equal(set.apisixVersion, 0);
    }
    await get('/late');
    await waitFor('the new module', () => sets().length > 2, { timeoutMs: 15_000 });
    assert.ok(names(2).includes('late.one'));
  });

  it('counts the requests that nginx took on', async () => {
    await start(undefined, true);
    const before = Number((await health()).health?.handledRequests);
    for (let i = 0; i < 20; i++) await get('/late');
    const after = (await health()).health;
    assert.equal(after?.requestScope, RequestScope.REQUESTS_OF_WORKERS);
    assert.equal(Number(after.handledRequests) - before, 20);
    assert.equal(after.requestsMissing, '');
  });

  it('says that the count is of all workers where only one is sampled', async () => {
    await start(nginx.workers()[0], true);
    assert.equal((await health()).health?.requestScope, RequestScope.REQUESTS_OF_MASTER);
  });

  it('has no word of a request where labels are not wanted', async () => {
    const busy = keepBusy({ ...nginx, load: () => get('/private?token=1') });
    try {
      await start(undefined, false);
      await waitFor('samples', () => Number(batches().at(-1)?.stacks.length) > 0);
      await waitFor('some seconds of them', () => batches().length > 8);
      assert.ok(!strings().some((text) => text.includes('/private')));
      assert.ok(batches().every((b) => b.requests.length === 0));
      assert.ok(batches().every((b) => b.stacks.every(({ requests }) => requests.length === 0)));
      assert.equal((await health()).health?.requestSamples, 0n);
      await session.ask({ case: 'stop', value: {} }, 'stopped');
      await start(undefined, true);
      await waitFor('requests', () => batches().some((batch) => batch.requests.length > 0));
      const [request] = batches().flatMap(({ requests }) => requests);
      assert.equal(strings()[request?.uri ?? 0], '/private');
      assert.ok(!strings().some((text) => text.includes('token')));
    } finally {
      await busy.stop();
    }
  });
});
