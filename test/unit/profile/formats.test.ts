import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Ajv from 'ajv';
import { Profile } from 'pprof-format';
import { foldedLines } from '../../../extension/profile/formats/folded';
import { toPprof } from '../../../extension/profile/formats/pprof';
import { toSpeedscope } from '../../../extension/profile/formats/speedscope';
import { repositoryRoot } from '../../fixtures/root';
import { PERIOD_US, stackRows } from './rows';
import { emptyBatch, noLabels, sampleStore } from './sample-profile';

const samples = 16;
const weightUs = samples * PERIOD_US;
const evil = 'evil\\x3bname␊</script>␛[31m\ufffd';
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);

describe('Folded stacks', () => {
  it('have a line for each stack of functions, with its samples', async () => {
    const main = 'access_by_lua(nginx.conf:12) (access_by_lua(nginx.conf:12):0)';
    const burn = 'burn (/srv/kong/plugins/burner/handler.lua:42)';
    assert.deepEqual(
      [...foldedLines(await sampleStore().snapshot())],
      [
        '[unknown] 1\n',
        `${main};${burn} 7\n`,
        `${main};${burn};[garbage collector] 2\n`,
        `${main};${evil} ([string "local x = 1\\x3b return x..." #16b105ed]:1);do_syscall_64_[k] 1\n`,
        'ngx_epoll_process_events;do_syscall_64_[k] 5\n',
      ],
    );
  });

  it('count samples of a lower rate for as many as there would have been', async () => {
    const store = sampleStore();
    const rows = stackRows({ stacks: [1], counts: [3], values: PERIOD_US * 10 });
    store.add({ ...emptyBatch, timeUs: 2e9, stacks: [rows] });
    const lines = [...foldedLines(await store.snapshot())];
    const total = sum(lines.map((line) => Number(line.slice(line.lastIndexOf(' ')))));
    assert.equal(total, samples + 30);
  });
});

describe('The speedscope file', () => {
  it('fits the schema that speedscope publishes, and adds up', async () => {
    const file = toSpeedscope(await sampleStore().snapshot(), 'nginx', 'acupoint 0');
    const schemaPath = 'node_modules/speedscope/dist/release/file-format-schema.json';
    const schema = JSON.parse(readFileSync(join(repositoryRoot, schemaPath), 'utf8')) as object;
    const validate = new Ajv({ strict: false }).compile(schema);
    assert.ok(validate(JSON.parse(JSON.stringify(file))), JSON.stringify(validate.errors));
    const [profile] = file.profiles;
    assert.equal(sum(profile!.weights), weightUs);
    assert.equal(profile!.endValue, weightUs);
    for (const stack of profile!.samples)
      for (const index of stack) assert.ok(index >= 0 && index < file.shared.frames.length);
  });

  it('names functions with their file and the line where they are defined', async () => {
    const file = toSpeedscope(await sampleStore().snapshot(), 'nginx', 'acupoint 0');
    const burn = file.shared.frames.filter((frame) => frame.name === 'burn');
    assert.deepEqual(burn, [
      { name: 'burn', file: '/srv/kong/plugins/burner/handler.lua', line: 42 },
    ]);
  });
});

describe('The pprof profile', () => {
  it('can be decoded, and adds up in samples and in time', async () => {
    const profile = Profile.decode(toPprof(await sampleStore().snapshot(), 'nginx'));
    const { strings } = profile.stringTable;
    assert.deepEqual(
      profile.sampleType.map(
        ({ type, unit }) => `${strings[Number(type)]}/${strings[Number(unit)]}`,
      ),
      ['samples/count', 'cpu/nanoseconds'],
    );
    assert.equal(sum(profile.sample.map(({ value }) => Number(value[0]))), samples);
    assert.equal(sum(profile.sample.map(({ value }) => Number(value[1]))), weightUs * 1000);
    assert.equal(Number(profile.timeNanos), 1_700_000_000_000 * 1e6);
  });

  it('carries what is known of a sample as its labels', async () => {
    const store = sampleStore();
    store.add({
      ...emptyBatch,
      timeUs: 300_000,
      labels: [{ ...noLabels, phase: 'access' }],
      requests: [{ method: 'GET', host: '', uri: '/a\u001b' }],
      stacks: [stackRows({ stacks: [2, 2], labels: [5, 5], requests: [1, 0], counts: [20, 30] })],
    });
    const profile = Profile.decode(toPprof(await store.snapshot(), 'nginx'));
    const { strings } = profile.stringTable;
    const text = (id: number | bigint) => strings[Number(id)];
    const labelled = profile.sample
      .filter(({ label }) => label.length > 0)
      .map(({ label, value }) => [
        Number(value[0]),
        ...label.map(({ key, str }) => `${text(key)}=${text(str)}`),
      ]);
    assert.deepEqual(labelled.sort(), [
      [20, 'phase=access', 'method=GET', 'uri=/a␛'],
      [30, 'phase=access'],
    ]);
    assert.equal(sum(profile.sample.map(({ value }) => Number(value[0]))), samples + 50);
  });

  it('carries the defined line in functions and the executing line in locations', async () => {
    const profile = Profile.decode(toPprof(await sampleStore().snapshot(), 'nginx'));
    const { strings } = profile.stringTable;
    const burn = profile.function.filter((fn) => strings[Number(fn.name)] === 'burn');
    assert.equal(burn.length, 1);
    assert.equal(strings[Number(burn[0]!.filename)], '/srv/kong/plugins/burner/handler.lua');
    assert.equal(Number(burn[0]!.startLine), 42);
    const lines = profile.location
      .flatMap((location) => location.line)
      .filter((line) => line.functionId === burn[0]!.id)
      .map((line) => Number(line.line));
    assert.deepEqual(lines.sort(), [44, 45]);
  });

  it('is read by go tool pprof', async function () {
    if (!runs('go')) this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'acupoint-pprof-'));
    try {
      const path = join(folder, 'x.pb.gz');
      writeFileSync(path, gzipSync(toPprof(await sampleStore().snapshot(), 'nginx')));
      const options = { encoding: 'utf8', env: { ...process.env, GOTOOLCHAIN: 'local' } } as const;
      const args = ['tool', 'pprof', '-top', '-sample_index=samples', path];
      const top = execFileSync('go', args, options);
      assert.match(top, /of 16 total/);
      assert.match(top, /\b7\b.*43\.75%.*\bburn\b/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function runs(command: string): boolean {
  try {
    execFileSync(command, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
