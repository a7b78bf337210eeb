/** Names in exports, read back by the tools that know a function by its name alone. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import { handlerName } from '../../../extension/analysis/handler-name';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { FrameKind, type FunctionInfo } from '../../../extension/profile/frames';
import { foldedLines, toPprof, toSpeedscope } from '../../../extension/profile/formats';
import { ProfileStore } from '../../../extension/profile/store';
import { stackRows } from './rows';
import { emptyBatch, noLabels } from './sample-profile';

interface Row extends Partial<FunctionInfo> {
  readonly name: string;
  readonly kind?: FrameKind;
  readonly count: number;
}

/** A store in which each function ran alone. */
function storeOf(rows: readonly Row[]): ProfileStore {
  const store = new ProfileStore(new TypeScriptEngine());
  store.beginRun(0);
  store.add({
    ...emptyBatch,
    timeUs: 1e6,
    functions: rows.map(({ name, file = '', line = 0, identity }) => ({
      name,
      file,
      line,
      lastLine: line === 0 ? 0 : line + 2,
      ...(identity !== undefined && { identity }),
    })),
    frames: rows.map(({ kind = FrameKind.Lua }, i) => ({
      function: i + 1,
      kind,
      line: 0,
      flags: 0,
    })),
    stackParents: new Uint32Array(rows.length),
    stackFrames: Uint32Array.from(rows, (_, i) => i + 1),
    labels: [noLabels],
    stacks: [
      stackRows({ stacks: rows.map((_, i) => i + 1), counts: rows.map(({ count }) => count) }),
    ],
  });
  return store;
}

const plugin = (name: string) => `@/srv/kong/plugins/${name}/handler.lua`;

/** Handlers and helpers of three plugins, two of which have a function at the same line. */
const plugins: readonly Row[] = [
  { name: 'access', file: plugin('rates'), line: 4, count: 30 },
  { name: 'access', file: plugin('keys'), line: 4, count: 15 },
  { name: 'access', file: plugin('logs'), line: 4, count: 5 },
  { name: 'f handler.lua:7', file: plugin('rates'), line: 7, count: 29 },
  { name: 'f handler.lua:7', file: plugin('keys'), line: 7, count: 14 },
  { name: 'handler.lua:7', file: plugin('logs'), line: 7, count: 7 },
];

const lookAlike: readonly Row[] = [
  ...plugins,
  { name: 'run', file: plugin('rates'), line: 2, count: 2 },
  { name: 'run', file: plugin('keys'), line: 2, count: 3 },
  // As a probe of before wrote what has no name.
  { name: 'function <shop.lua:17>', file: '@/srv/shop.lua', line: 17, count: 11 },
  { name: 'callback <shop.lua:27>', file: '@/srv/shop.lua', line: 27, count: 12 },
  { name: 'main chunk', file: '@/srv/shop.lua', count: 1 },
  { name: 'main chunk', file: '@/srv/stock.lua', count: 2 },
  // Of strings that begin alike, in one line and in several.
  { name: 'main chunk', file: `local t = {}\nreturn 1`, count: 4 },
  { name: 'main chunk', file: `local t = {}\nreturn 2`, count: 5 },
  { name: 'go', file: `${'-- the same '.repeat(20)}1`, line: 1, count: 6 },
  { name: 'go', file: `${'-- the same '.repeat(20)}2`, line: 1, count: 7 },
  // Blocks of two files, of which the end of the path alone is known; two versions of one file.
  {
    name: 'log_by_lua(...site.conf:2)',
    file: '=log_by_lua(...site.conf:2)',
    identity: 7,
    count: 1,
  },
  {
    name: 'log_by_lua(...site.conf:2)',
    file: '=log_by_lua(...site.conf:2)',
    identity: 8,
    count: 2,
  },
  { name: 'price', file: '@/srv/shop.lua', line: 7, identity: 5, count: 3 },
  { name: 'price', file: '@/srv/shop.lua', line: 12, identity: 5, count: 4 },
  { name: 'stock', file: '@/srv/shop.lua', line: 40, identity: 21, count: 5 },
  { name: 'stock', file: '@/srv/shop.lua', line: 40, identity: 22, count: 6 },
  { name: 'read', file: '/usr/lib/libc.so.6', kind: FrameKind.Native, count: 8 },
  { name: 'read', file: '/usr/lib/libfast.so', kind: FrameKind.Native, count: 9 },
  { name: 'read', file: '', kind: FrameKind.Kernel, count: 10 },
];

const counts = (rows: readonly Row[]) => rows.map(({ count }) => count).sort((a, b) => a - b);

describe('A name in an export', () => {
  it('is enough to tell functions apart in pprof', async () => {
    const profile = Profile.decode(
      toPprof(await storeOf(lookAlike).snapshot(), 'nginx', handlerName),
    );
    const texts = profile.stringTable.strings;
    const names = profile.function.map(({ name }) => texts[Number(name)]!);
    assert.equal(new Set(names).size, lookAlike.length, names.join('\n'));
    for (const name of names) assert.doesNotMatch(name, /[<>[\]]/);
    for (const name of ['rates.access', 'keys.access', 'logs.access', 'shop.lua:17'])
      assert.ok(names.includes(name), `${name} among ${names.join(', ')}`);
    assert.ok(names.includes('callback shop.lua:27'));
    assert.ok(names.includes('f rates/handler.lua:7') || names.includes('rates.f'));
    assert.ok(names.includes('price (shop.lua:7)') && names.includes('price (shop.lua:12)'));
    assert.ok(names.includes('main chunk (stock.lua)'));
  });

  it('is the same whatever else was captured in those that need no place', async () => {
    const [only] = [...foldedLines(await storeOf(plugins.slice(0, 1)).snapshot(), handlerName)];
    assert.equal(only, `rates.access (${plugin('rates').slice(1)}:4) 30\n`);
  });

  it('is enough in folded stacks and in speedscope', async () => {
    const snapshot = await storeOf(lookAlike).snapshot();
    const lines = [...foldedLines(snapshot, handlerName)];
    assert.deepEqual(
      lines.map((line) => Number(line.slice(line.lastIndexOf(' ')))).sort((a, b) => a - b),
      counts(lookAlike),
      lines.join(''),
    );
    const { shared } = toSpeedscope(snapshot, 'nginx', 'acupoint', handlerName);
    assert.equal(new Set(shared.frames.map(({ name }) => name)).size, lookAlike.length);
  });

  it('is what `go tool pprof -top` shows, one row for each, with the shares of the page', async function () {
    if (spawnSync('go', ['version']).error !== undefined) this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'acupoint-pprof-'));
    try {
      const path = join(folder, 'a.pb.gz');
      writeFileSync(
        path,
        gzipSync(toPprof(await storeOf(lookAlike).snapshot(), 'nginx', handlerName)),
      );
      const top = execFileSync(
        'go',
        [
          'tool',
          'pprof',
          '-top',
          '-nodecount=1000',
          '-nodefraction=0',
          '-sample_index=samples',
          path,
        ],
        { encoding: 'utf8', env: { ...process.env, GOTOOLCHAIN: 'local' } },
      );
      const rows = top.split('\n').flatMap((line) => {
        const match = /^\s*(\d+)\s+\S+%\s+\S+%\s+\d+\s+\S+%\s+(.*?)\s*$/.exec(line);
        return match === null ? [] : [{ flat: Number(match[1]), name: match[2]! }];
      });
      assert.deepEqual(
        rows.map(({ flat }) => flat).sort((a, b) => a - b),
        counts(lookAlike),
        top,
      );
      const flatOf = (name: string) => rows.find((row) => row.name === name)?.flat;
      assert.equal(flatOf('rates.access'), 30, top);
      assert.equal(flatOf('keys.access'), 15);
      assert.equal(flatOf('shop.lua:17'), 11);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
