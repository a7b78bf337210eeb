/** The cost that plugins cause by timers and queues, and that of requests by what they are for. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { luaFiles } from '../../fixtures/lua-files';
import { repositoryRoot } from '../../fixtures/root';
import { startNginx, type Nginx } from '../../native/nginx';
import { run } from './command';

const folder = join(repositoryRoot, 'test/fixtures/known-timers');

interface Owner {
  name: string;
  share: number;
  causedShare: number;
  requests: number | null;
  cpuUsPerRequest: number | null;
}

interface Answer {
  samples: number;
  requests: number;
  causedSamples: number;
  owners: Owner[];
}

describe('acupoint plugins, of a gateway with timers', function () {
  this.timeout(120_000);
  let nginx: Nginx;
  const agent = new Agent({ keepAlive: true });
  let wanted = true;
  let clients: Promise<void>[] | undefined;

  const ask = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      get({ socketPath: join(nginx.prefix, 'gateway.sock'), agent, path }, (response) => {
        text(response).then(resolve, reject);
      }).on('error', reject);
    });

  const plugins = async (by: string): Promise<Answer> => {
    const args = ['--master', String(nginx.pid), '--rate', '1999', '--seconds', '8'];
    const ended = await run('plugins', ...args, '--budget', '10', '--by', by, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    return JSON.parse(ended.stdout) as Answer;
  };
  /** Jobs of the timers so far, by who created them. */
  const created = async () => {
    const lines = (await ask('/created')).trim().split('\n');
    return new Map(lines.map((line) => line.split(' ') as [string, string]));
  };
  const find = (answer: Answer, name: string) =>
    answer.owners.find((owner) => owner.name === name) ?? assert.fail(JSON.stringify(answer));

  before(async () => {
    const http = await readFile(join(folder, 'http.conf'), 'utf8');
    nginx = await startNginx({ files: luaFiles(join(folder, 'lua')), http });
    const client = async () => {
      // Plugins are those that the path names.
      while (wanted) for (const path of ['/rated/logged', '/none']) await ask(path);
    };
    clients = [client(), client(), client(), client()];
  });
  after(async () => {
    wanted = false;
    await Promise.all(clients ?? []);
    agent.destroy();
    await nginx?.stop();
  });

  it('charges what runs timers to those who create them, as often as they do', async () => {
    const answer = await plugins('owner');
    const counts = await created();
    const [rated, logged] = [find(answer, 'rated'), find(answer, 'logged')];
    assert.equal(Number(counts.get('rated')), 3 * Number(counts.get('logged')));
    const [timers, queues] = [find(answer, 'Kong timers'), find(answer, 'Kong queues')];
    assert.ok(timers.share > 0.05 && queues.share > 0.02, JSON.stringify(answer.owners));
    // Nothing of it stays without a name.
    for (const { share, causedShare } of [timers, queues])
      assert.ok(Math.abs(share + causedShare) < 0.01, `${share} ${causedShare}`);
    // The work of ngx_lua to wake them is charged, too.
    assert.ok(find(answer, 'nginx').causedShare < -0.01);
    // The queue is filled by one of the two alone; of the rest a quarter is its.
    const rest = rated.causedShare + logged.causedShare - queues.share;
    const error = 3 * Math.sqrt((0.75 * 0.25) / (answer.causedSamples / 2));
    const part = rated.causedShare / rest;
    assert.ok(Math.abs(part - 0.75) < Math.max(0.1, error), `${part} of ${JSON.stringify(answer)}`);
    const sum = answer.owners.reduce((all, { causedShare }) => all + causedShare, 0);
    assert.ok(Math.abs(sum) < 1e-9, `${sum}`);
  });

  it('counts for the requests that cause it, each divided by its own', async () => {
    const answer = await plugins('uri');
    const [busy, plain] = [find(answer, '/rated/logged'), find(answer, '/none')];
    assert.ok(busy.causedShare > 0.1 && plain.causedShare === 0, JSON.stringify(answer));
    const { requests } = answer;
    assert.ok(Math.abs(busy.requests! / requests - 0.5) < 0.05, `${busy.requests} of ${requests}`);
    assert.ok(Math.abs(plain.requests! / requests - 0.5) < 0.05);
    const cost = ((busy.share + busy.causedShare) / plain.share) * plain.cpuUsPerRequest!;
    assert.ok(Math.abs(busy.cpuUsPerRequest! / cost - 1) < 0.1, `${cost}`);
    const unknown = answer.owners.filter(({ name }) => name.startsWith('no request'));
    assert.ok(unknown.some(({ name }) => name === 'no request: timers'));
    for (const { requests: none, cpuUsPerRequest } of unknown)
      assert.deepEqual([none, cpuUsPerRequest], [null, null]);
  });
});
