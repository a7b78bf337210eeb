/** Asks for each view of the page, and hands it over as VS Code does. */
import { reportMessage } from '../../../extension/views/capture-page/report-message';
import { latencyMessage } from '../../../extension/views/capture-page/latency-message';
import { jitMessage } from '../../../extension/views/capture-page/jit-message';
import { Chunks } from '../../../extension/views/capture-page/chunks';
import { MemoryFeed } from '../../../extension/views/capture-page/memory-feed';
import { TreeFeed } from '../../../extension/views/capture-page/tree-feed';
import { mostParts } from '../../../extension/analysis/burst-errors';
import { treeErrors } from '../../../extension/analysis/tree-errors';
import { sinceStart } from '../../../extension/profile/store';
import type { Capture } from '../../../extension/capture/capture';
import type { ToPage } from '../../../extension/page/messages';
import { isLua } from '../../../extension/profile/names';
import { readChunkName } from '../../../extension/source/chunk-name';

export type View = readonly [name: string, show: (capture: Capture) => Promise<void>];

const whole = { measure: 'cpu', windowSeconds: 0, hiddenKinds: 0 } as const;

export const views: readonly View[] = [
  ['flame graph', (capture) => showTree(capture)],
  ['errors of its shares', showErrors],
  ...(['owner', 'phase', 'uri', 'route', 'host', 'method'] as const).map((rows): View => {
    const columns = rows === 'phase' ? 'owner' : 'phase';
    const show = async (capture: Capture): Promise<void> =>
      hand(await reportMessage(capture, { rows, columns }));
    return [`table by ${rows}`, show];
  }),
  [
    'latency',
    async (capture) => hand(latencyMessage(capture, { of: 'requests', by: 'uri', only: null })),
  ],
  ['JIT compiler', async (capture) => hand(jitMessage(capture, new Chunks()))],
  [
    'memory',
    async ({ memory }) =>
      new MemoryFeed({ memory: () => memory }, { post: hand, isListening: () => true }).want({}),
  ],
  [
    'flame graph of one plugin',
    async (capture) => {
      capture.focus({ by: 'owner', name: 'plugin-0', kind: 'plugin' });
      await showTree(capture);
    },
  ],
  [
    'flame graph of one URI',
    async (capture) => {
      capture.focus({ by: 'uri', name: '/orders/of/1x', kind: 'other' });
      await showTree(capture);
    },
  ],
  [
    'functions of the editor',
    async (capture) => {
      capture.focus(undefined);
      await capture.analysis.profile.functionTable(capture.query());
    },
  ],
];

/** As of a measure that is watched in bursts: of all of the time in many parts. */
async function showErrors({ analysis, store }: Capture): Promise<void> {
  const tree = await analysis.profile.callTree(sinceStart);
  const step = store.timeUs / mostParts;
  const parts = Array.from({ length: mostParts }, (_, i) => ({
    fromUs: i * step + 1,
    toUs: (i + 1) * step + 1,
  }));
  const errors = await treeErrors(analysis.profile, tree, parts, store.functions.length);
  if (errors !== undefined) hand({ type: 'shareErrors', revision: 1, ...errors });
}

/** Both the graph and the table of functions are made of it. */
function showTree(capture: Capture): Promise<void> {
  const { store } = capture;
  return new Promise((resolve, reject) => {
    const source = {
      get functionCount() {
        return store.functions.length;
      },
      functionInfo: (id: number) => store.functionInfo(id)!,
      hasSource: (id: number) =>
        store.kindsOf(id).some(isLua) &&
        readChunkName(store.functionInfo(id)?.file ?? '') !== undefined,
      callTree: () => capture.analysis.profile.callTree(capture.query()),
    };
    const post = (message: ToPage): void => {
      hand(message);
      if (message.type !== 'tree') return;
      feed.dispose();
      resolve();
    };
    const host = { post, isListening: () => true, onError: reject };
    const feed = new TreeFeed(source as never, host, 'bench');
    feed.want(whole);
  });
}

/** As VS Code's extension host does it: arrays apart, and the rest as JSON, twice. */
function hand(message: ToPage): void {
  const arrays: Uint8Array[] = [];
  const json = JSON.stringify(message, (_key, value: unknown) => {
    if (!ArrayBuffer.isView(value)) return value;
    arrays.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    return arrays.length;
  });
  Buffer.concat([Buffer.from(JSON.stringify(json)), ...arrays]);
}
