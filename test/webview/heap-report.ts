/** Heap snapshots as of a gateway with a plugin that leaks. */
import type { HeapReport } from '../../extension/analysis/heap/report';
import type { HeapFrame, HeapTree } from '../../extension/analysis/heap/tree';
import { heapMessage } from '../../extension/views/heap/message';
import { SourceList } from '../../extension/views/heap/source-list';
import type { HeapMessage } from '../../extension/page/heap';

export const hostile = '<img src=x onerror=alert(1)>';

/** Way from an owner on: names of frames, kinds before a colon where they are no tables; bytes. */
type Way = readonly [way: string[], bytes: number];

const handler = (plugin: string) => `module:kong.plugins.${plugin}.handler`;

const before: readonly Way[] = [
  [['plugin:caches', handler('caches'), 'upvalue cache (table)'], 3_000_000],
  [['plugin:caches', handler('caches'), 'upvalue cache (table)', 'small:small: string'], 900_000],
  [['plugin:leak', handler('leak'), 'kept (table)'], 50_000],
  [['plugin:cdata', handler('cdata'), 'cdata:blocks (cdata)'], 1_100_000],
  [['core:Kong router', 'module:kong.router', 'cache (table)'], 700_000],
  [['other:Lua VM and registry', 'code:prototype resty.lua:12'], 400_000],
  [['other:global variables', 'function:function kong/init.lua:7'], 100_000],
  [['other:shared by several', hostile], 30_000],
];

const after: readonly Way[] = [
  ...before.filter(([way]) => way[0] !== 'plugin:leak'),
  [['plugin:leak', handler('leak'), 'kept (table)'], 1_050_000],
  [['plugin:leak', handler('leak'), 'kept (table)', 'coroutine:coroutine'], 64_000],
];

const garbage = 20_000;
const outside = 10_000;

export function heapOf(compared: boolean): HeapMessage {
  const [old, now] = [reportOf(before), reportOf(after)];
  const taken = { pauseMs: 0, copiedBytes: 13_000_000 };
  const snapshots = [
    { ...taken, report: old, id: 1, takenAt: Date.UTC(2026, 4, 5, 14, 3, 22) },
    { ...taken, pauseMs: 3.24, report: now, id: 2, takenAt: Date.UTC(2026, 4, 5, 14, 9, 1) },
  ];
  const [first, second] = snapshots;
  const worker = 'worker 1234 on root@edge-7';
  const sources = new SourceList();
  const message = compared
    ? heapMessage(worker, snapshots, second!, first, sources)
    : heapMessage(worker, [first!], first!, undefined, sources);
  return { ...message, cannotTake: '' };
}

function reportOf(ways: readonly Way[]): HeapReport {
  const tree = treeOf(ways);
  const total = tree.bytes.reduce((sum, each) => sum + each, 0);
  const held = (depth: number) => {
    const sums = new Map<string, { way: string[]; bytes: number }>();
    for (const [way, bytes] of ways) {
      const key = way.slice(0, depth).join('/');
      sums.set(key, { way, bytes: (sums.get(key)?.bytes ?? 0) + bytes });
    }
    return [...sums.values()].sort((a, b) => b.bytes - a.bytes);
  };
  const objects = (bytes: number) => Math.ceil(bytes / 100);
  const owners = held(1).map(({ way, bytes }) => {
    const { name, kind } = frameOf(way[0]!);
    return { name, kind: kind as 'plugin', retainedBytes: bytes, objects: objects(bytes) };
  });
  const modules = held(2).filter(({ way }) => way[1]!.startsWith('module:'));
  const source = (name: string) => ({ chunk: `@/usr/${name.replaceAll('.', '/')}.lua`, line: 0 });
  return {
    gcTotalBytes: total + garbage + outside,
    reachedBytes: total + garbage,
    objects: objects(total) + 90,
    owners: [
      ...owners,
      {
        name: 'garbage (freed at the next GC)',
        kind: 'other',
        retainedBytes: garbage,
        objects: 90,
      },
    ],
    modules: modules.map(({ way, bytes }) => {
      const { name, kind } = { ...frameOf(way[0]!), name: frameOf(way[1]!).name };
      const owner = frameOf(way[0]!).name;
      const row = { name, kind: kind as 'plugin', owner, source: source(name) };
      return { ...row, retainedBytes: bytes, objects: objects(bytes) };
    }),
    types: [
      { type: 'table', bytes: total - 1_500_000, count: 40_000 },
      { type: 'cdata', bytes: 1_100_000, count: 1000 },
      { type: 'string', bytes: 400_000, count: 9000 },
    ],
    functions: [
      {
        name: 'kong/plugins/leak/handler.lua:12',
        closures: 1200,
        retainedBytes: 90_000,
        source: { chunk: '@/usr/kong/plugins/leak/handler.lua', line: 12 },
      },
    ],
    functionCount: 350,
    largest: [
      {
        what: 'table',
        owner: 'caches',
        retainedBytes: 3_900_000,
        objects: 39_000,
        path: ['registry', '_LOADED', 'kong.plugins.caches.handler', 'upvalue cache'],
      },
    ],
    cdata: [{ type: 'struct block', count: 1000, bytes: 1_100_000, finalizers: 12 }],
    tables: {
      array: { slots: 10_000, used: 9000, bytes: 8 },
      hash: { slots: 5000, used: 1000, bytes: 24 },
    },
    tree,
  };
}

function frameOf(words: string): HeapFrame {
  const [, kind = 'table', name = words] = /^(\w+):(.*)$/.exec(words) ?? [];
  const frame = { name, kind: kind as HeapFrame['kind'] };
  if (kind !== 'module') return frame;
  return { ...frame, source: { chunk: `@/usr/${name.replaceAll('.', '/')}.lua`, line: 0 } };
}

function treeOf(ways: readonly Way[]): HeapTree {
  const tree = { parents: [-1], places: [0], bytes: [0] };
  const frames: HeapFrame[] = [{ name: '', kind: 'other' }];
  const nodes = new Map<string, number>();
  for (const [way, bytes] of ways) {
    let parent = 0;
    way.forEach((words, depth) => {
      const key = way.slice(0, depth + 1).join('/');
      let node = nodes.get(key);
      if (node === undefined) {
        node = tree.parents.push(parent) - 1;
        tree.places.push(frames.push(frameOf(words)) - 1);
        tree.bytes.push(0);
        nodes.set(key, node);
      }
      parent = node;
    });
    tree.bytes[parent] = tree.bytes[parent]! + bytes;
  }
  return { ...tree, frames, smallestBytes: 2048 };
}
