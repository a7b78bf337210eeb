import assert from 'node:assert/strict';
import { Analysis } from '../../../extension/analysis/analysis';
import { OwnerIndex } from '../../../extension/analysis/owner-index';
import { FrameKind } from '../../../extension/profile/frames';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { stackRows } from '../profile/rows';
import { emptyBatch } from '../profile/sample-profile';
import { StackStore, type Word } from './stacks';

function ownerOf(...stack: Word[]): string {
  const { store } = new StackStore().add(1000, [{ stack }]);
  const index = new OwnerIndex(store);
  const owner = index.owners.get(index.update()[stack.length]!)!;
  return `${owner.kind} ${owner.name}`;
}

describe('The owner of a stack', () => {
  const kong: Word[] = ['nginx', 'access', 'init', 'iterator'];
  const cases: readonly (readonly [stack: Word[], owner: string, why: string])[] = [
    [[...kong, 'resume', 'jwt'], 'plugin jwt', 'in its coroutine'],
    [[...kong, 'jwt'], 'plugin jwt', 'called directly'],
    [[...kong, 'resume', 'jwtJit', 'gc'], 'plugin jwt', 'collector'],
    [[...kong, 'resume', 'jwt', 'cjson'], 'plugin jwt', 'C library'],
    [[...kong, 'resume', 'jwt', 'http', 'dns', 'nginx', 'kernel'], 'plugin jwt', 'Lua library'],
    [[...kong, 'resume', 'jwt', 'pdk'], 'plugin jwt', 'what it calls of the gateway'],
    [[...kong, 'resume', 'jwt', 'acl'], 'plugin jwt', 'what it calls of another plugin'],
    [[...kong, 'resume', 'jwt', 'resume', 'http'], 'plugin jwt', 'a coroutine of its own'],
    [[...kong, 'resume', 'jwt', 'resume', 'acl'], 'plugin acl', 'a coroutine of another'],
    [[...kong, 'resume', 'jwt', 'spawnedHttp'], 'plugin jwt', 'a thread that it spawned'],
    [[...kong, 'resume', 'jwt', 'spawnedAcl'], 'plugin acl', 'a thread of another'],
    [[...kong, 'resume', 'jwt', 'text'], 'plugin jwt', 'code from a string'],
    [['nginx', 'timers', 'jwt'], 'plugin jwt', 'timer'],
    [['nginx', 'timers'], 'core Kong timers', 'timers themselves'],
    [kong, 'core Kong plugins iterator', 'the nearest part of the gateway'],
    [['nginx', 'access', 'init', 'router', 'tools'], 'core Kong router', 'helpers count for it'],
    [['nginx', 'access', 'init', 'dns'], 'core Kong DNS', 'a library that is a part'],
    [['nginx', 'access', 'tools', 'router'], 'core Kong router', 'a part above a helper'],
    [
      [...kong, 'resume', 'jwt', 'nginx', 'header', 'init', 'iterator', 'acl'],
      'plugin acl',
      'a phase that nginx runs within',
    ],
    [
      [...kong, 'resume', 'jwt', 'nginx', 'header', 'init'],
      'core Kong runloop',
      'the gateway in a phase within',
    ],
    [['nginx', 'access', 'shop', 'http', 'dns'], 'other orders', "an application's module"],
    [['nginx', 'access', 'shop', 'cart'], 'other orders', 'the first of its modules'],
    [['nginx', 'access', 'http'], 'other access_by_lua (nginx.conf:12)', 'the configuration'],
    [['nginx', 'http'], 'other library resty', 'a library without a caller'],
    [['nginx', 'text'], 'other Lua of unknown origin', 'code from a string'],
    [['nginx', 'cjson'], 'other Lua of unknown origin', 'C that Lua called'],
    [['truncated', 'jwt'], 'plugin jwt', 'what is left of a stack'],
    [['nginx'], 'nginx nginx', 'no Lua'],
    [['nginx', 'kernel'], 'kernel kernel', 'system calls of nginx'],
    [['kernel'], 'kernel kernel', 'the kernel alone'],
    [['unknown'], 'other unknown', 'unknown'],
  ];
  for (const [stack, owner, why] of cases)
    it(`${why}: ${owner}`, () => assert.equal(ownerOf(...stack), owner));

  it("is no gateway's part where no gateway runs", () => {
    const file = '@/usr/share/lua/5.1/resty/timerng/thread/loop.lua';
    const store = new ProfileStore(new TypeScriptEngine());
    store.beginRun(1_700_000_000_000);
    const functions = [{ name: 'f', file, line: 1, lastLine: 9 }];
    const frames = [{ function: 1, kind: FrameKind.Lua, line: 2, flags: 0 }];
    const ownerNow = () => {
      const index = new OwnerIndex(store);
      return index.owners.get(index.update()[1]!)?.name;
    };
    const stacks = { stackParents: new Uint32Array([0]), stackFrames: new Uint32Array([1]) };
    store.add({ ...emptyBatch, functions, frames, ...stacks });
    assert.equal(ownerNow(), 'library resty');
    const loaded = { pid: 7, vm: '1', leftOut: 0, kongVersion: '', apisixVersion: '3.18.0' };
    store.add({ ...emptyBatch, modules: [{ ...loaded, names: ['apisix'] }] });
    assert.equal(ownerNow(), 'APISIX timers');
  });

  it('is the module that runs where no gateway is', async () => {
    const names = ['orders', 'cart', 'search', 'users', 'prices'];
    const file = (name: string) => `@/usr/local/openresty/nginx/lua/app/${name}.lua`;
    const files = ['=content_by_lua(nginx.conf:9)', file('main'), ...names.map(file)];
    const store = new ProfileStore(new TypeScriptEngine());
    store.beginRun(1_700_000_000_000);
    // nginx calls the block, that the application's main module, and that one of five.
    store.add({
      ...emptyBatch,
      functions: files.map((each) => ({ name: 'f', file: each, line: 1, lastLine: 9 })),
      frames: files.map((_, i) => ({ function: i + 1, kind: FrameKind.Lua, line: 2, flags: 0 })),
      stackParents: Uint32Array.of(0, 1, 2, 2, 2, 2, 2),
      stackFrames: Uint32Array.of(1, 2, 3, 4, 5, 6, 7),
      stacks: [stackRows({ stacks: [3, 4, 5, 6, 7], counts: [50, 40, 30, 20, 10] })],
    });
    const { rows } = await new Analysis(store).report(sinceStart, 'owner', 'phase');
    assert.deepEqual(
      rows.map(({ kind, name, samples }) => [kind, name, samples]),
      names.map((name, i) => ['module', `app.${name}`, 50 - 10 * i]),
    );
  });

  it('of a sample without a frame is not known', () => {
    const { store } = new StackStore().add(1000, [{ stack: [] }]);
    const index = new OwnerIndex(store);
    assert.equal(index.owners.get(index.update()[0]!)?.name, 'unknown');
  });

  it('takes in 100 000 stacks once, and then only what is new', () => {
    const stacks = new StackStore();
    const deep = Array.from({ length: 100_000 }, (_, i): Word => (i === 0 ? 'jwt' : 'http'));
    stacks.add(1000, [{ stack: deep }]);
    const index = new OwnerIndex(stacks.store);
    const owners = index.update();
    assert.equal(index.owners.get(owners[100_000]!)?.name, 'jwt');
    // Looking at all of them each time would outlast the test's time limit by far.
    for (let i = 0; i < 10_000; i++) index.update();
  });
});
