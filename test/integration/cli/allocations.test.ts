import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type AllocatingGateway, startAllocatingGateway } from '../../fixtures/allocations/start';
import { run } from './command';

interface Answer {
  samples: number;
  bytes: number;
  lostBytes: number;
  watchedSeconds: number;
  elapsedSeconds: number;
  requests: number | null;
  requestsMissing?: string;
  bytesPerRequest: number | null;
  bytesPerSecond: number | null;
  owners: {
    name: string;
    kind: string;
    share: number | null;
    shareError: number | null;
    bytes: number;
  }[];
}

describe('acupoint allocations', function () {
  this.timeout(90_000);
  let gateway: AllocatingGateway;
  let known: Readonly<Record<string, number>>;
  let folder: string;
  let agent: Agent;
  let busy = true;
  let clients: Promise<void>[];

  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: gateway.port, agent, path: '/' };
      get(options, (response) => void text(response).then(resolve, reject)).on('error', reject);
    });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-allocations-'));
    gateway = await startAllocatingGateway();
    known = await gateway.known();
    agent = new Agent({ keepAlive: true });
    const client = async () => {
      while (busy) await ask();
    };
    clients = [client(), client()];
  });
  after(async () => {
    busy = false;
    await Promise.all(clients ?? []);
    agent?.destroy();
    await gateway?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const tell = (command: string, ...more: string[]) =>
    run(command, '--master', String(gateway.pid), ...more);

  function check(answer: Answer): void {
    const sum = answer.owners.reduce((total, { bytes }) => total + bytes, 0);
    assert.equal(sum, answer.bytes);
    for (const { share, shareError, bytes } of answer.owners) {
      assert.ok(shareError !== null && shareError > 0, JSON.stringify(answer));
      // Only a limit is known of what may be off by as much as it is.
      assert.equal(share, shareError < bytes / answer.bytes ? bytes / answer.bytes : null);
    }
    const plugins = answer.owners.filter(({ kind }) => kind === 'plugin');
    const all = Object.values(known).reduce((total, bytes) => total + bytes, 0);
    const told = plugins.reduce((total, { share }) => total + share!, 0);
    for (const [name, bytes] of Object.entries(known)) {
      const share = (plugins.find((each) => each.name === name)?.share ?? 0) / told;
      const off = Math.abs(share / (bytes / all) - 1);
      assert.ok(off <= 0.1, `${name}: ${share} of ${bytes / all} in ${JSON.stringify(answer)}`);
    }
  }

  it("tells each plugin's share to within a tenth, and they add up", async () => {
    // Ten seconds see some twenty requests, whose chance alone is a tenth.
    const ended = await tell('allocations', '--seconds', '30', '--budget', '0', '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    assert.ok(answer.samples > 100, ended.stdout);
    assert.ok(answer.watchedSeconds > 0 && answer.watchedSeconds < answer.elapsedSeconds);
    check(answer);
    if (answer.bytesPerRequest === null) assert.match(answer.requestsMissing ?? '', /\w/);
    else {
      const all = Object.values(known).reduce((total, bytes) => total + bytes, 0);
      // nginx's own requests and headers are besides, and bursts begin and end within requests.
      assert.ok(answer.bytesPerRequest > 0.7 * all, ended.stdout);
      assert.ok(answer.bytesPerRequest < 2 * all, ended.stdout);
    }
  });

  it('prints a table with the sum', async () => {
    const ended = await tell('allocations', '--seconds', '2');
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stdout, /^strings +plugin +(\d+\.\d +±\d|\(\d+\.\d\) +±\?|\? +< \d)/m);
    assert.match(ended.stdout, /^sum +100\.0 /m);
    assert.match(ended.stdout, /[KM]B seen in \d+\.\d\d of \d+\.\d s/);
  });

  it('records stacks in bytes, and a recording that tells the same again', async () => {
    const [folded, kept] = ['x.folded', 'x.acupoint'].map((name) => join(folder, name));
    const options = ['--allocations', '--budget', '20', '--seconds', '3', '--out'];
    const ended = await tell('record', ...options, folded!, '--json');
    assert.equal(ended.code, 0, ended.stderr);
    const summary = JSON.parse(ended.stdout) as { allocated: { bytes: number } };
    const lines = (await readFile(folded!, 'utf8')).trimEnd().split('\n');
    const bytes = lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    assert.equal(bytes, summary.allocated.bytes);
    assert.match(lines.join('\n'), /plugins\/strings\/handler\.lua:/);
    const recorded = await tell('record', ...options, kept!);
    assert.equal(recorded.code, 0, recorded.stderr);
    const again = await run('allocations', '--from', kept!, '--json');
    assert.equal(again.code, 0, again.stderr);
    const answer = JSON.parse(again.stdout) as Answer;
    assert.ok(answer.bytes > 0 && answer.elapsedSeconds > 0, again.stdout);
  });
});
