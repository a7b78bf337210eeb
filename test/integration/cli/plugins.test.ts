import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { luaFiles } from '../../fixtures/lua-files';
import { repositoryRoot } from '../../fixtures/root';
import { startNginx, type Nginx } from '../../native/nginx';
import { run } from './command';

const folder = join(repositoryRoot, 'test/fixtures/known-plugins');

interface Owner {
  name: string;
  kind: string;
  share: number;
  cpuUsPerRequest: number | null;
  gcShare: number;
  jitShare: number;
  phases: Record<string, number>;
}

interface Answer {
  seconds: number;
  samples: number;
  requests: number | null;
  requestsMissing?: string;
  owners: Owner[];
}

/** The owner of a cost by the worker's own clock, and the one it is said to be of. */
const owners: readonly (readonly [account: string, owner: string])[] = [
  ['heavy', 'heavy'],
  ['filters', 'filters'],
  ['digests', 'digests'],
  ['ticker', 'ticker'],
  ['caller', 'caller'],
  ['threads', 'threads'],
  ['router', 'Kong router'],
];

describe('acupoint plugins', function () {
  this.timeout(90_000);
  let nginx: Nginx;
  let agent: Agent;
  let busy = true;
  let answered = 0;
  let clients: Promise<void>[];

  const ask = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ socketPath: join(nginx.prefix, 'gateway.sock'), agent, path }, (response) => {
        text(response).then(resolve, reject);
      }).on('error', reject);
    });
  const used = async () => JSON.parse(await ask('/used')) as Record<string, number>;

  before(async () => {
    const http = await readFile(join(folder, 'http.conf'), 'utf8');
    nginx = await startNginx({ files: luaFiles(join(folder, 'lua')), http });
    agent = new Agent({ keepAlive: true });
    const client = async () => {
      while (busy) {
        assert.equal(await ask('/orders/17/items'), 'served\n');
        answered++;
      }
    };
    clients = [client(), client()];
  });
  after(async () => {
    busy = false;
    await Promise.all(clients ?? []);
    agent?.destroy();
    await nginx?.stop();
  });

  const plugins = (...more: string[]) => run('plugins', '--master', String(nginx.pid), ...more);

  it("tells each owner's share to within two points, and they add up", async () => {
    const before = await used();
    const countBefore = answered;
    const ended = await plugins('--rate', '999', '--seconds', '10', '--json');
    const count = answered - countBefore;
    const after = await used();
    assert.equal(ended.code, 0, ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    assert.ok(answer.samples > 2000, `${answer.samples} samples`);
    const all = after['all']! - before['all']!;
    const table = owners.map(([account, name]) => {
      const known = (after[account]! - (before[account] ?? 0)) / all;
      const told = answer.owners.find((owner) => owner.name === name);
      return { name, known, told: told?.share ?? 0 };
    });
    for (const { name, known, told } of table) {
      assert.ok(known > 0.03, `${name} has something to do: ${known}`);
      assert.ok(Math.abs(known - told) <= 0.02, `${name}: ${JSON.stringify(table, null, 1)}`);
    }
    const sum = answer.owners.reduce((total, { share }) => total + share, 0);
    assert.ok(Math.abs(sum - 1) < 1e-9, `${sum}`);
    for (const { name, share, phases } of answer.owners) {
      const phaseSum = Object.values(phases).reduce((total, part) => total + part, 0);
      assert.ok(Math.abs(phaseSum - share) < 1e-9, name);
    }
    const find = (name: string) => answer.owners.find((owner) => owner.name === name)!;
    assert.equal(find('heavy').kind, 'plugin');
    assert.equal(find('Kong router').kind, 'core');
    assert.deepEqual(Object.keys(find('heavy').phases), ['access']);
    // Where Lua stands in no block, the phase is known once the worker's memory is.
    const { share: ticks, phases: tickPhases } = find('ticker');
    assert.ok(tickPhases['timer']! > 0.7 * ticks, JSON.stringify(tickPhases));
    const phases = Object.keys(find('filters').phases);
    assert.deepEqual(phases, ['rewrite', 'header_filter', 'body_filter', 'log']);
    assert.ok(find('digests').gcShare > 0.02, 'the collector is charged to whom it runs for');
    assert.equal(find('idle').share, 0);
    assert.equal(find('helper').share, 0);
    assert.ok(find('nginx').share > 0);
    if (answer.requests === null) assert.match(answer.requestsMissing ?? '', /\w/);
    else {
      assert.ok(Math.abs(answer.requests / count - 1) < 0.25, `${answer.requests} of ${count}`);
      const cost = find('heavy').cpuUsPerRequest!;
      const known = (after['heavy']! - (before['heavy'] ?? 0)) / count;
      assert.ok(Math.abs(cost / known - 1) < 0.3, `${cost} of ${known}`);
    }
  });

  it('prints a table with the sum', async () => {
    const ended = await plugins('--rate', '499', '--seconds', '1');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /^heavy +plugin +≈?\d+\.\d /m);
    assert.match(ended.stdout, /^idle +plugin +≈?0\.0 /m);
    assert.match(ended.stdout, /^sum +100\.0 /m);
  });

  it('groups by rules that the user gives', async () => {
    const group = ['--group', 'team $1=/plugins/(heavy|digests)/'];
    const ended = await plugins('--rate', '499', '--seconds', '1', '--json', ...group);
    assert.equal(ended.code, 0, ended.stderr);
    const names = (JSON.parse(ended.stdout) as Answer).owners.map(({ name }) => name);
    assert.ok(names.includes('team heavy') && names.includes('team digests'), names.join());
    assert.ok(!names.includes('heavy'));
  });

  it('refuses a rule that could take too long', async () => {
    const ended = await plugins('--group', 'x=(a+)+$');
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /--group: .*take too long/);
  });
});
