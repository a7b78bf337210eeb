/**
 * Runs in the browser: one full update, from a new tree to pixels, of our page and of d3-flame-
 * graph.
 */
import { select } from 'd3';
import flamegraph from 'd3-flame-graph';
import type { ToExtension, ToPage } from '../../../extension/page/messages';
import { makeTree, type BenchTree } from './tree';

interface Bench {
  ours(size: number, seed: number): Promise<number>;
  theirs(size: number, seed: number, width: number): Promise<number>;
  clear(): void;
}

declare global {
  interface Window {
    acquireVsCodeApi: () => unknown;
    flameBench: Bench;
  }
}

let painted: (revision: number) => void = () => undefined;
let revision = 0;

window.acquireVsCodeApi = () => ({
  postMessage: (message: ToExtension) => {
    if (message.type === 'painted') painted(message.revision);
  },
  getState: () => undefined,
  setState: () => undefined,
});

/** A task that follows an animation frame runs after that frame was painted. */
function afterPaint(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => resolve();
      channel.port2.postMessage(undefined);
    });
  });
}

const REST_MS = 100;

/** As between live updates: what was drawn before is on the screen, and nothing of it is left to do. */
async function rest(): Promise<void> {
  await afterPaint();
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
}

const trees = new Map<string, BenchTree>();

function treeOf(size: number, seed: number): BenchTree {
  const key = `${size}/${seed}`;
  let tree = trees.get(key);
  if (tree === undefined) trees.set(key, (tree = makeTree(size, seed)));
  return tree;
}

async function ours(size: number, seed: number): Promise<number> {
  const { arrays, functions } = treeOf(size, seed);
  const message: ToPage = {
    type: 'tree',
    revision: ++revision,
    profile: 'bench',
    ...arrays,
    firstFunction: 1,
    newFunctions: revision === 1 ? functions : [],
  };
  await rest();
  const done = new Promise<void>((resolve) => {
    painted = (answered) => {
      if (answered === message.revision) resolve();
    };
  });
  const began = performance.now();
  window.dispatchEvent(new MessageEvent('message', { data: message }));
  await done;
  return performance.now() - began;
}

interface D3Node {
  name: string;
  value: number;
  children: D3Node[];
}

function toD3({ arrays, functions }: BenchTree): D3Node {
  const nodes: D3Node[] = Array.from(arrays.parents, (_, i) => ({
    name: functions[arrays.functions[i]! - 1]?.name ?? 'all',
    value: arrays.total[i]!,
    children: [],
  }));
  arrays.parents.forEach((parent, i) => {
    if (parent >= 0) nodes[parent]!.children.push(nodes[i]!);
  });
  return nodes[0]!;
}

let chart: ReturnType<typeof flamegraph> | undefined;

/** At its best: frames below one pixel left out, no transition. */
async function theirs(size: number, seed: number, width: number): Promise<number> {
  const data = toD3(treeOf(size, seed));
  let host = document.getElementById('d3-host');
  if (host === null) {
    host = document.createElement('div');
    host.id = 'd3-host';
    host.style.cssText = 'position:fixed;inset:0;overflow:auto;z-index:1000';
    document.body.append(host);
  }
  await rest();
  const began = performance.now();
  if (chart === undefined) {
    chart = flamegraph().width(width).minFrameSize(1).transitionDuration(0);
    select(host).datum(data).call(chart);
  } else {
    chart.update(data);
  }
  await afterPaint();
  return performance.now() - began;
}

window.flameBench = {
  ours,
  theirs,
  clear() {
    document.getElementById('d3-host')?.remove();
    chart = undefined;
  },
};
