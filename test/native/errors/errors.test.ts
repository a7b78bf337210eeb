/** Exceptions, ended requests and lines of the error log against what a gateway was asked to do. */
import assert from 'node:assert/strict';
import { startWrongGateway, type WrongGateway } from '../../fixtures/errors/start';
import { Watched } from './watched';

describe('debug', function () {
  this.timeout(60_000);
  let gateway: WrongGateway;
  let watched: Watched;
  before(async () => {
    gateway = await startWrongGateway();
  });
  after(() => gateway.stop());
  afterEach(() => watched?.end());

  it('shows', async () => {
    watched = await Watched.start(gateway.pid);
    for (const kind of ['text', 'raised', 'object', 'index', 'asserted', 'dumped', 'number', 'long', 'lines', 'folded', 'compiled'])
      await gateway.ask(`/caught/${kind}/20`);
    for (const kind of ['text', 'object', 'index', 'compiled', 'coroutine', 'handled'])
      for (const how of ['run', 'access', 'timer', 'filter', 'late']) console.log(how, kind, (await gateway.ask(`/${how}/${kind}`)).status);
    for (const status of [200, 403, 404, 500]) console.log((await gateway.ask(`/exit/${status}`)).status);
    await gateway.ask('/writes/5');
    await gateway.ask('/missing/x');
    console.log(JSON.stringify(await watched.over(), (_, v) => typeof v === 'bigint' ? Number(v) : v));
    for (const t of ['exceptions', 'responses', 'log'] as const) for (const row of watched.rows(t)) console.log(t, JSON.stringify(row));
    assert.ok(true);
  });
});
