/** A real nginx: phases, the coroutines of ngx_lua and what its scheduler makes of them, VMs that come and go. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../fixtures/root';
import { freePort } from '../../fixtures/wait';
import { type Nginx, startNginx } from '../nginx';
import { COLLECTED, type Recording, SPAWNED, type Stack, luaFrames, record } from './recording';

function server(port: number, cache: 'on' | 'off'): string {
  return `
    lua_package_path "PREFIX/?.lua;;";
    server {
      listen 127.0.0.1:${port};
      lua_code_cache ${cache};
      location / {
        rewrite_by_lua_block { require("gateway").rewrite() }
        access_by_lua_block { require("gateway").access() }
        content_by_lua_block { require("gateway").content() }
        log_by_lua_block { require("gateway").log() }
      }
    }`;
}

async function recordGateway(cache: 'on' | 'off', seconds: number): Promise<Recording> {
  const port = await freePort();
  const source = readFileSync(join(repositoryRoot, 'test/native/trace/gateway.lua'), 'utf8');
  const nginx: Nginx = await startNginx({
    files: { 'gateway.lua': source },
    http: server(port, cache),
  });
  let wanted = true;
  const ask = async () => {
    while (wanted) await (await fetch(`http://127.0.0.1:${port}/`)).text();
  };
  const asking = [ask(), ask()];
  try {
    const worker = nginx.workers()[0];
    assert.ok(worker);
    return await record(worker, seconds);
  } finally {
    wanted = false;
    await Promise.all(asking);
    await nginx.stop();
  }
}

const names = (stack: Stack) => luaFrames(stack).map(({ name }) => name);
const endsIn = (stack: Stack, ...path: string[]) =>
  names(stack).slice(-path.length).join() === path.join();

describe('a gateway', () => {
  let recording: Recording;
  before(async () => {
    recording = await recordGateway('on', 3);
  });

  it('has its native frames down to where the process began', () => {
    const whole = recording.share(({ frames }) => frames[0]?.name === '_start');
    assert.ok(whole >= 0.98, `${whole}`);
    const run = recording.share(({ frames }) => {
      const kinds = frames.map(({ kind }) => kind);
      return kinds.indexOf('lua') > kinds.indexOf('native');
    });
    assert.ok(run > 0.3, `${run} of the samples have Lua on top of nginx`);
  });

  /** Of the samples in which `work` is the leaf, those that end in this path. */
  function ofWork(...path: string[]): number {
    const all = recording.share((stack) => endsIn(stack, 'work'));
    return recording.share((stack) => endsIn(stack, ...path, 'work')) / all;
  }

  it('has its work where it was done', () => {
    const shares = {
      rewrite: ofWork('rewrite'),
      access: ofWork('access'),
      light: ofWork('light'),
      tick: ofWork('tick'),
    };
    const expected = { rewrite: 1 / 7, access: 3 / 7, light: 2 / 7, tick: 1 / 7 };
    for (const [name, share] of Object.entries(expected)) {
      const measured = shares[name as keyof typeof shares];
      assert.ok(Math.abs(measured - share) < 0.08, `${name}: ${measured}, not ${share}`);
    }
  });

  it('is rooted in the blocks of its configuration', () => {
    for (const stack of recording.stacks.filter((each) => endsIn(each, 'rewrite', 'work'))) {
      const root = luaFrames(stack)[0];
      assert.match(root?.name ?? '', /^rewrite_by_lua\(nginx\.conf:\d+\)$/);
      assert.equal(root?.file, `=${root?.name}`);
    }
  });

  it('shows the phase that resumed a coroutine above it', () => {
    for (const stack of recording.stacks.filter((each) => names(each).includes('access'))) {
      if (!endsIn(stack, 'access', 'work')) continue;
      assert.match(names(stack)[0] ?? '', /^access_by_lua/);
      assert.ok(luaFrames(stack).every(({ flags }) => !(flags & SPAWNED)));
    }
  });

  it('marks a light thread as spawned', () => {
    const stacks = recording.stacks.filter((stack) => endsIn(stack, 'light', 'work'));
    assert.ok(stacks.length > 0);
    for (const stack of stacks) {
      const frame = luaFrames(stack).find(({ name }) => name === 'light');
      assert.ok((frame?.flags ?? 0) & SPAWNED, names(stack).join(' '));
      assert.match(names(stack)[0] ?? '', /^content_by_lua/);
    }
  });

  it('leaves nothing unattributed and nothing out', () => {
    assert.ok(recording.unattributed <= 0.01, `${recording.unattributed}`);
    assert.equal(recording.samples, recording.json.health.samples);
    assert.equal(recording.json.health.lost, 0);
    assert.ok(recording.json.health.rssBytes < 12 << 20);
    for (const { frames } of recording.stacks) assert.ok(frames.length > 0);
  });

  it('is seen too where each request has a VM of its own', async () => {
    const uncached = await recordGateway('off', 10);
    const share = uncached.share((stack) => luaFrames(stack).length > 0);
    assert.ok(share > 0.3, `${share} of the samples have Lua frames`);
    // Most of its VMs are gone before anybody looks: the samples themselves say where functions are.
    const named = uncached.total('work');
    assert.ok(named > 0.05, `${named} of the samples have the function by its name`);
    assert.ok(uncached.unattributed < 0.1, `${uncached.unattributed}`);
    const collected = uncached.share((stack) => names(stack).includes('[collected function]'));
    assert.ok(collected < 0.15, `${collected} have a function without a name`);
    const leaves = uncached.stacks.flatMap((stack) => luaFrames(stack).slice(-1));
    assert.ok(leaves.some(({ name, line }) => name === 'work' && line === 6));
    // A function that was collected before it could be named says so.
    for (const frame of uncached.stacks.flatMap(luaFrames)) {
      assert.equal(frame.name === '[collected function]', (frame.flags & COLLECTED) !== 0);
    }
  });
});
