/**
 * Which function is which: without lines, with the lines of another, and of two versions of a file.
 * A function is its code, in all workers that run it and before and after a reload.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rename, utimes, writeFile, stat } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { repositoryRoot } from '../../fixtures/root';
import { freePort, waitFor } from '../../fixtures/wait';
import { type Nginx, startNginx } from '../nginx';
import { type Frame, luaFrames, record, type Recording } from './recording';

const LUA = join(repositoryRoot, 'test/native/trace');
const SECONDS = 3;
/** No load here takes as long as one of its periods, or the half. */
const RATE = 733;
/** Of a recording in whose course there is a reload; how much CPU time comes before, in 10 ms. */
const LONG = 9;
const BEFORE = 50;

/** A request on a connection of its own, so that each worker has its part. */
function ask(port: number, path: string): Promise<void> {
  return new Promise((resolve) => {
    const request = get({ port, path, agent: false }, (response) => {
      response.resume().on('close', resolve);
    });
    request.on('error', () => resolve());
  });
}

/** Asks for the paths in turn while `use` goes on. */
async function busy<T>(port: number, paths: readonly string[], use: () => Promise<T>): Promise<T> {
  let wanted = true;
  const loop = async () => {
    while (wanted) for (const path of paths) await ask(port, path);
  };
  const loops = [loop(), loop()];
  try {
    return await use();
  } finally {
    wanted = false;
    await Promise.all(loops);
  }
}

/** Share of the samples that end in a function of this name, in a file whose name ends so. */
const leaf =
  (recording: Recording, file = '') =>
  (name: string) =>
    recording.share((stack) => {
      const last = luaFrames(stack).at(-1);
      return last?.name === name && last.file.endsWith(file);
    });
const isLua = ({ kind }: Frame) => kind === 'lua' || kind === 'luaJit';
const frameOf = (recording: Recording, name: string) =>
  recording.stacks.flatMap(({ frames }) => frames).find((frame) => frame.name === name);

/** Lua functions of a recording, each by all that the wire knows it by. */
function functionsOf(recording: Recording, file: string): string[] {
  const frames = recording.stacks.flatMap((stack) => stack.frames).filter(isLua);
  const own = frames.filter((frame) => frame.file.includes(file));
  return [
    ...new Set(own.map(({ name, definedLine, identity }) => `${name}:${definedLine}#${identity}`)),
  ];
}

function near(share: number, expected: number, what: string): void {
  assert.ok(Math.abs(share - expected) < 0.08, `${what}: ${share}, not ${expected}`);
}

describe('functions of stripped bytecode', () => {
  let nginx: Nginx;
  let port: number;

  before(async () => {
    port = await freePort();
    const content = `
      local kit = require "stripped"
      local held = kit.made()
      local object = kit.new()
      local text = ngx.ctx
      kit.six(6000) kit.three(3000) kit.one(1000)
      for _ = 1, 4 do
        kit.nested.deep.inner(6000) kit.locals(6000) kit.steps[1](6000) kit.steps[2](6000)
        kit.vary(6000) held(6000) object:method(6000) a_global(6000)
        require("dumped").call(6000)
      end
      ngx.say "ok"`;
    nginx = await startNginx({
      workers: 2,
      files: {
        'dumped.lua': `
          local source = "local n = ... local x = 3 for i = 1, n do x = (x * 16807 + i) % 2147483647 end"
          local one = loadstring(string.dump(loadstring(source), true))
          local two = loadstring(string.dump(loadstring(source), true))
          return { call = function(n) one(n) two(n) end }`,
      },
      http: `
        lua_package_path "PREFIX/?.luac;PREFIX/?.lua;/usr/share/lua/5.1/?.lua;;";
        init_by_lua_block { jit.off() }
        server { listen 127.0.0.1:${port}; location / { content_by_lua_block { ${content} } } }`,
    });
    const dump = join(nginx.prefix, 'stripped.luac');
    execFileSync('luajit', ['-bs', join(LUA, 'stripped.lua'), dump]);
  });
  after(() => nginx.stop());

  it('stay apart under the names of what holds them, in all workers and after a reload', async () => {
    const recording = await busy(port, ['/'], async () => {
      const recorded = record(nginx.pid, LONG, RATE, { master: true, budget: 0 });
      const before = nginx.workers();
      const spent = cpuTicks(before);
      await waitFor('samples of the first workers', () => cpuTicks(before) > spent + BEFORE);
      nginx.reload();
      return recorded;
    });
    const share = leaf(recording, 'stripped.luac');
    const ten = share('six') + share('three') + share('one');
    near(share('six') / ten, 0.6, 'six');
    near(share('three') / ten, 0.3, 'three');
    near(share('one') / ten, 0.1, 'one');
    const names = functionsOf(recording, 'stripped.luac');
    for (const name of [
      'inner',
      'steps.1',
      'steps.2',
      'vary',
      'method',
      'a_global',
      'stripped.luac#made.1',
    ])
      assert.ok(
        names.some((each) => each.startsWith(`${name}:0#`)),
        `${name} among ${names.join(', ')}`,
      );
    // Locals of one code: by the function whose upvalues they are, and by which of them.
    for (const number of [1, 2]) {
      const local = `stripped.luac#locals.${number}`;
      assert.ok(share(local) > 0.02, `${local} among ${names.join(', ')}`);
    }
    const plain = names.map((name) => name.split(':')[0]);
    assert.deepEqual(plain.sort(), [...new Set(plain)].sort(), 'two of one name');
    const pids = new Set(recording.stacks.map(({ pid }) => pid));
    assert.ok(pids.size >= 3, `${pids.size} workers`);
  });

  it('are never called by the bytes of their dump', async () => {
    const recording = await busy(port, ['/'], () =>
      record(nginx.workers()[0] ?? 0, SECONDS, RATE, { budget: 0 }),
    );
    assert.ok(leaf(recording)('one') > 0 && leaf(recording)('two') > 0);
    assert.equal(frameOf(recording, 'two')?.file, '=bytecode');
    for (const { name, file, line } of recording.stacks.flatMap(({ frames }) => frames)) {
      assert.ok(!name.includes('\\x1bLJ') && !file.includes('\\x1bLJ'), name);
      if (/luac$|bytecode/.test(file)) assert.equal(line, 0);
    }
  });
});

describe('blocks of two files whose chunks have one name', () => {
  it('are two functions, and theirs have their own names', async () => {
    const port = await freePort();
    const tail = 'server.d/locations/generated-routes/site.conf';
    // As ngx_lua keeps it, the name of both is "...d/locations/generated-routes/site.conf".
    const site = (at: string, name: string, from: number, times: string) => `
location /${at}/chunk { content_by_lua_block {
  local x = ${from} for i = 1, ${times} do x = x + i % 7 end ngx.say(x) } }
location /${at}/named { content_by_lua_block {
  local function ${name}(n) local x = 0 for i = 1, n do x = x + i % 7 end return x end
  ngx.say(${name}(${times})) } }`;
    const nginx = await startNginx({
      files: {
        [`shop/${tail}`]: site('a', 'checkout', 0, '9e5'),
        [`blog/${tail}`]: site('b', 'render', 1, '3e5'),
      },
      http: `
        init_by_lua_block { jit.off() }
        server { listen 127.0.0.1:${port};
          include PREFIX/shop/${tail}; include PREFIX/blog/${tail}; }`,
    });
    try {
      const worker = nginx.workers()[0] ?? 0;
      const named = await busy(port, ['/a/named', '/b/named'], () =>
        record(worker, SECONDS, RATE, { budget: 0 }),
      );
      const both = leaf(named)('checkout') + leaf(named)('render');
      assert.ok(both > 0.5, `${both}`);
      near(leaf(named)('checkout') / both, 0.75, 'checkout');
      const blocks = await busy(port, ['/a/chunk', '/b/chunk'], () =>
        record(worker, SECONDS, RATE, { budget: 0 }),
      );
      const shares = new Map<number, number>();
      for (const stack of blocks.stacks) {
        const last = luaFrames(stack).at(-1);
        if (last?.name.startsWith('content_by_lua(...') === true)
          shares.set(last.identity, (shares.get(last.identity) ?? 0) + stack.count);
      }
      const [less = 0, more = 0, ...others] = [...shares.values()].sort((a, b) => a - b);
      assert.deepEqual(others, []);
      near(more / (less + more), 0.75, 'the larger block');
    } finally {
      await nginx.stop();
    }
  });
});

describe('code that was deployed again', () => {
  const part = (name: string) => `
local function ${name}(n)
  local x = 1 for i = 1, n do x = (x * 16807 + i) % 2147483647 end
  return x
end
jit.off(${name})`;
  const before = `local M = {}${part('stock')}${part('price')}
function M.page() ngx.say(stock(10000) + price(40000)) end
return M`;
  const after = `local M = {}${part('cached')}${part('stock')}${part('price')}
function M.page() ngx.say(cached(30000) + stock(10000) + price(10000)) end
return M`;

  async function withShop(use: (nginx: Nginx, port: number) => Promise<void>, more = '') {
    const port = await freePort();
    const nginx = await startNginx({
      files: { 'shop.lua': before },
      http: `
        lua_package_path "PREFIX/?.lua;/usr/share/lua/5.1/?.lua;;"; ${more}
        server { listen 127.0.0.1:${port};
          location / { content_by_lua_block { require("shop").page() } } }`,
    });
    try {
      await use(nginx, port);
    } finally {
      await nginx.stop();
    }
  }

  /** In one step, as a deployment does, so that nobody reads half of it. */
  async function deploy(nginx: Nginx, source: string): Promise<string> {
    const path = join(nginx.prefix, 'shop.lua');
    // A process's start is known to a hundredth of a second: what was there by then may be its own.
    const { mtimeMs } = await stat(join(nginx.prefix, 'nginx.conf'));
    await waitFor('the start to be past', () => Date.now() > mtimeMs + 1000, { everyMs: 20 });
    await writeFile(`${path}.new`, source);
    await rename(`${path}.new`, path);
    return path;
  }

  const placed = (recording: Recording) => functionsOf(recording, 'shop.lua');
  const has = (recording: Recording, place: string) =>
    assert.ok(
      placed(recording).some((each) => each.startsWith(`${place}#`)),
      `${place} among ${placed(recording).join(', ')}`,
    );

  const nearOld = (recording: Recording) => {
    const [price, stock] = ['price', 'stock'].map(leaf(recording));
    near(price! / (price! + stock!), 0.8, 'price');
  };

  it('keeps the names of what ran before and of what runs after', () =>
    withShop(async (nginx, port) => {
      const recording = await busy(port, ['/'], async () => {
        const recorded = record(nginx.pid, LONG, RATE, { master: true, budget: 0 });
        const old = nginx.workers();
        const spent = cpuTicks(old);
        await waitFor('samples of the old code', () => cpuTicks(old) > spent + BEFORE);
        await deploy(nginx, after);
        nginx.reload();
        return recorded;
      });
      for (const place of ['stock:2', 'price:7', 'cached:2', 'stock:7', 'price:12'])
        has(recording, place);
      const shares = new Map<string, number>();
      for (const stack of recording.stacks) {
        const last = luaFrames(stack).at(-1);
        const place = `${last?.name}:${last?.definedLine}`;
        shares.set(place, (shares.get(place) ?? 0) + stack.count);
      }
      const of = (place: string) => shares.get(place) ?? 0;
      near(of('price:7') / (of('price:7') + of('stock:2')), 0.8, 'price, before');
      const later = of('cached:2') + of('stock:7') + of('price:12');
      near(of('cached:2') / later, 0.6, 'cached');
      near(of('stock:7') / later, 0.2, 'stock, after');
    }));

  it('is not named by a file that was put in place later, whatever its time says', () =>
    withShop(async (nginx, port) => {
      await ask(port, '/');
      const path = await deploy(nginx, after);
      await utimes(path, 1e9, 1e9);
      const recording = await busy(port, ['/'], () =>
        record(nginx.workers()[0] ?? 0, SECONDS, RATE, { budget: 0 }),
      );
      nearOld(recording);
      has(recording, 'stock:2');
      has(recording, 'price:7');
      assert.equal(leaf(recording)('cached'), 0);
    }));

  it('is not named by it in a worker that took the place of one that died either', () =>
    withShop(async (nginx, port) => {
      const [old = 0] = nginx.workers();
      await deploy(nginx, after);
      process.kill(old, 'SIGKILL');
      await waitFor('a worker in its place', () => {
        const workers = nginx.workers();
        return workers.length === 1 && workers[0] !== old;
      });
      const recording = await busy(port, ['/'], () =>
        record(nginx.workers()[0] ?? 0, SECONDS, RATE, { budget: 0 }),
      );
      nearOld(recording);
      assert.equal(leaf(recording)('cached'), 0);
    }, 'init_by_lua_block { require "shop" }'));
});

describe('workers of the same code', () => {
  it('share its functions, compiled or not, and those that a reload brings too', async () => {
    const port = await freePort();
    const gateway = readFileSync(join(LUA, 'gateway.lua'), 'utf8');
    const nginx = await startNginx({
      workers: 2,
      files: { 'gateway.lua': gateway },
      http: `
        lua_package_path "PREFIX/?.lua;/usr/share/lua/5.1/?.lua;;";
        server { listen 127.0.0.1:${port};
          rewrite_by_lua_block { require("gateway").rewrite() }
          access_by_lua_block { require("gateway").access() }
          location / { content_by_lua_block { require("gateway").content() } } }`,
    });
    try {
      const recording = await busy(port, ['/'], async () => {
        const recorded = record(nginx.pid, LONG, RATE, { master: true, budget: 0 });
        const old = nginx.workers();
        const spent = cpuTicks(old);
        await waitFor('samples of the first workers', () => cpuTicks(old) > spent + BEFORE);
        nginx.reload();
        return recorded;
      });
      const places = new Map<string, Set<string>>();
      const pids = new Map<string, Set<number>>();
      for (const stack of recording.stacks) {
        for (const frame of stack.frames.filter(isLua)) {
          const place = `${frame.file}:${frame.definedLine}`;
          const known = places.get(place) ?? new Set();
          places.set(place, known.add(`${frame.name}#${frame.identity}`));
          pids.set(place, (pids.get(place) ?? new Set()).add(stack.pid));
        }
      }
      const split = [...places].filter(([place, known]) => place !== ':0' && known.size > 1);
      assert.deepEqual(split, []);
      assert.ok(
        [...pids.values()].some(({ size }) => size >= 3),
        'nothing ran before and after',
      );
    } finally {
      await nginx.stop();
    }
  });
});

/** CPU time of processes so far, in hundredths of a second; those that are gone have none. */
function cpuTicks(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return sum + Number(fields[11]) + Number(fields[12]);
    } catch {
      return sum;
    }
  }, 0);
}
