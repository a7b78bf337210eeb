import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '../../native/requests/client';
import { BLOCKED_MS, type Gateway, startRequestGateway } from '../../native/requests/gateway';
import { run, watching } from './command';

interface Row {
  key: Readonly<Record<string, string | number>>;
  count: number;
  sumMs: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  p999Ms: number;
  maxMs: number;
}
interface Answer {
  fromMs: number;
  toMs: number;
  requests: number;
  lost: number;
  estimated: boolean;
  rows: Row[];
}

/** Slow ones first: the instrument learns from the first few where nginx keeps names of requests. */
const COUNTS = {
  '/sleep?ms=20': 20,
  '/blocking': 10,
  '/proxied/a': 10,
  '/static/a.txt': 40,
  '/static/none': 30,
};
const TOTAL = Object.values(COUNTS).reduce((sum, count) => sum + count, 0);

describe('acupoint requests', function () {
  this.timeout(120_000);
  let gateway: Gateway;
  let client: Client;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-requests-'));
    gateway = await startRequestGateway();
    client = new Client(gateway.port);
  });
  afterEach(async () => {
    client?.close();
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const args = (command: string, ...more: string[]) => [
    ...[command, '--master', String(gateway.nginx.pid), '--budget', '0'],
    ...more,
  ];
  async function load(): Promise<void> {
    for (const [path, count] of Object.entries(COUNTS))
      await client.get(Array<string>(count).fill(path), 2);
  }
  const rowOf = ({ rows }: Answer, by: string, key: string | number) =>
    rows.find((row) => row.key[by] === key);

  it('counts each request, by URI and by status', async () => {
    const began = Date.now();
    const ended = await watching(args('requests', '--json'), 'requests', load);
    assert.equal(ended.code, 130, ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    const text = ended.stdout;
    assert.deepEqual([answer.requests, answer.lost, answer.estimated], [TOTAL, 0, false], text);
    for (const [path, count] of Object.entries(COUNTS)) {
      const row = rowOf(answer, 'uri', path.replace(/\?.*/, ''));
      const known = client.ledger.filter((each) => each.path === path).map(({ ms }) => ms);
      assert.equal(row?.count, count, text);
      assert.ok(row.maxMs <= Math.max(...known) + 1, text);
      for (const part of [row.p50Ms, row.p90Ms, row.p99Ms, row.p999Ms])
        assert.ok(part > 0 && part <= row.maxMs, text);
      assert.ok(row.sumMs <= known.reduce((sum, ms) => sum + ms, 0) + count, text);
    }
    assert.ok(rowOf(answer, 'uri', '/sleep')!.p50Ms >= 20, text);
    // nginx logs such a request with 0 ms.
    assert.ok(rowOf(answer, 'uri', '/blocking')!.p50Ms >= BLOCKED_MS, text);
    assert.ok(began <= answer.fromMs && answer.fromMs < answer.toMs, text);
    assert.ok(answer.toMs <= Date.now(), text);
  });

  it('groups them by other keys, and tells the same of a recording', async () => {
    const file = join(folder, 'x.acupoint');
    const recorded = args('record', '--watch', 'requests', '--out', file);
    const ended = await watching(recorded, 'requests', load);
    assert.equal(ended.code, 130, ended.stderr);
    const by = async (key: string) => {
      const told = await run('requests', '--from', file, '--by', key, '--json');
      assert.equal(told.code, 0, told.stderr);
      const answer = JSON.parse(told.stdout) as Answer;
      assert.equal(answer.requests, TOTAL, told.stdout);
      return answer.rows.map((row) => [row.key[key], row.count] as const);
    };
    assert.deepEqual(
      new Map(await by('status')),
      new Map([
        [200, TOTAL - 30],
        [404, 30],
      ]),
    );
    assert.deepEqual(await by('method'), [['GET', TOTAL]]);
    assert.equal(new Map(await by('upstream')).get(gateway.backend), 10);
    assert.equal(new Map(await by('route')).get('/static/'), 70);
    const table = await run('requests', '--from', file);
    assert.match(
      table.stdout,
      new RegExp(`: ${TOTAL} requests counted in .* s of workers, 0 lost`),
    );
    assert.match(table.stdout, /^uri +requests +sum, ms +p50 +p90 +p99 +p99\.9 +max$/m);
  });
});
