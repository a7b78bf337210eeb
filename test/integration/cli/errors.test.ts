import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startWrongGateway, type WrongGateway } from '../../fixtures/errors/start';
import { run, watching } from './command';

interface Place {
  file: string;
  line: number;
}
type Row = Place & { count: number; from: Place | null };
interface Answer {
  fromMs: number;
  toMs: number;
  exceptions: (Row & { message: string; caught: boolean | null })[];
  responses: (Row & { status: number | null })[];
  log: (Row & { level: string; text: string })[];
  lost: number;
  estimated: boolean;
}

describe('acupoint errors', function () {
  this.timeout(90_000);
  let gateway: WrongGateway;

  before(async () => {
    gateway = await startWrongGateway();
  });
  after(() => gateway?.stop());

  async function load(): Promise<void> {
    await gateway.ask('/caught/index/30');
    await gateway.ask('/run/text');
    for (let n = 0; n < 4; n++) await gateway.ask('/exit/403');
    await gateway.ask('/writes/7');
  }
  const args = () => ['errors', '--master', String(gateway.pid), '--budget', '0'];
  const at = <R extends Row>(rows: readonly R[], name: string) =>
    rows.filter(({ file, line }) => `${file}:${line}`.endsWith(`/${gateway.line(name)}`));

  it('finds each of them, counted', async () => {
    const ended = await watching([...args(), '--json'], 'errors', load);
    assert.equal(ended.code, 130, ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    const [index] = at(answer.exceptions, 'index');
    assert.deepEqual([index?.count, index?.caught], [30, true], ended.stdout);
    assert.match(index!.message, /attempt to index upvalue 'nothing' \(a nil value\)$/);
    const [text] = at(answer.exceptions, 'text');
    assert.deepEqual([text?.count, text?.caught], [1, false]);
    const [helper] = at(answer.responses, 'helper');
    assert.deepEqual([helper?.status, helper?.count], [403, 4]);
    assert.ok(helper!.from!.file.endsWith('/wrongs.lua'));
    assert.deepEqual(
      at(answer.log, 'error').map(({ level, count }) => [level, count]),
      [['error', 7]],
    );
    assert.deepEqual(at(answer.log, 'debug'), []);
    assert.deepEqual([answer.lost, answer.estimated], [0, false]);
    assert.ok(answer.toMs > answer.fromMs);
  });

  it('shows them to people', async () => {
    const { stdout } = await watching(args(), 'errors', load);
    assert.match(stdout, /counted in \d+\.\d s of workers, 0 lost$/m);
    assert.match(stdout, /nothing' \(a nil value\) +\/\S+wrongs\.lua:\d+ +30 +yes {2}content_by/);
    assert.match(stdout, /^403 +\/\S+helper\.lua:\d+ +4 +\/\S+wrongs\.lua:\d+$/m);
    assert.match(stdout, /^warn +\/\S+wrongs\.lua:\d+ +7 /m);
  });

  it('is a flame graph of exceptions, and a recording that has it all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'acupoint-errors-'));
    const [folded, kept] = [join(folder, 'x.folded'), join(folder, 'x.acupoint')];
    const master = ['--master', String(gateway.pid), '--budget', '0'];
    try {
      await watching(['record', ...master, '--errors', '--out', folded], 'errors', load);
      const lines = (await readFile(folded, 'utf8')).trim().split('\n');
      const counts = lines
        .filter((line) => line.includes(';pcall;') && line.includes('index'))
        .map((line) => Number(/ (\d+)$/.exec(line)?.[1]));
      assert.deepEqual(counts, [30], lines.join('\n'));
      await watching(['record', ...master, '--watch', 'errors', '--out', kept], 'errors', load);
      const answer = JSON.parse((await run('errors', '--from', kept, '--json')).stdout) as Answer;
      assert.equal(at(answer.exceptions, 'index')[0]?.count, 30);
      assert.equal(at(answer.responses, 'helper')[0]?.count, 4);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
