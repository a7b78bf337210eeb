import assert from 'node:assert/strict';
import type { AllVisible } from '../../extension/common/outside';
import { emptyTree } from '../../extension/profile/empty-tree';
import type { CallTree } from '../../extension/profile/engine';
import { TreeFeed } from '../../extension/views/capture-page/tree-feed';
import { fromPage } from '../../extension/views/capture-page/from-page';
import { contentSecurityPolicy, pageHtml } from '../../extension/views/html';
import type { FlameGraphSource } from '../../extension/views/capture-page/source';
import type { StatusMessage, ToPage, TreeMessage, TreeView } from '../../extension/page/messages';
import { waitFor } from '../fixtures/wait';
import { statusOf } from './driver';

class FakeSource implements FlameGraphSource {
  functionCount = 2;
  readonly asked: TreeView[] = [];
  /** Where set, trees are made only when it is called. */
  release: (() => void) | undefined;
  held = false;
  declare treeErrors?: NonNullable<FlameGraphSource['treeErrors']>;

  functionInfo(id: number) {
    return { name: `f${id}`, file: '@x.lua', line: id, lastLine: id };
  }
  hasSource() {
    return true;
  }
  async callTree(view: TreeView): Promise<CallTree> {
    this.asked.push(view);
    if (this.held) await new Promise<void>((resolve) => (this.release = resolve));
    return emptyTree;
  }
  status() {
    return statusOf() as AllVisible<StatusMessage>;
  }
  onDidChange() {
    return { dispose: () => undefined };
  }
  control() {
    throw new Error('not asked for');
  }
  open() {
    throw new Error('not asked for');
  }
}

describe('feed of the flame graph', () => {
  let source: FakeSource;
  let posted: ToPage[];
  let listening: boolean;
  let feed: TreeFeed;

  beforeEach(() => {
    source = new FakeSource();
    posted = [];
    listening = true;
    const host = {
      post: (message: ToPage) => void posted.push(message),
      isListening: () => listening,
      onError: (error: unknown) => assert.fail(String(error)),
    };
    feed = new TreeFeed(source, host, 'test');
    feed.want({ measure: 'cpu', windowSeconds: 0, hiddenKinds: 0 });
  });

  afterEach(() => feed.dispose());

  const trees = (): TreeMessage[] => posted.filter((message) => message.type === 'tree');
  const tree = (index: number): Promise<TreeMessage> =>
    waitFor(`tree ${index}`, () => trees()[index], { timeoutMs: 3_000 });

  /** Resolves when a feed that nothing holds up, told of a change now, has sent its next tree. */
  const settled = async (): Promise<void> => {
    const sent: TreeMessage[] = [];
    const other = new TreeFeed(
      new FakeSource(),
      {
        post: (message: ToPage) => void (message.type === 'tree' && sent.push(message)),
        isListening: () => true,
        onError: (error: unknown) => assert.fail(String(error)),
      },
      'other',
    );
    try {
      other.want({ measure: 'cpu', windowSeconds: 0, hiddenKinds: 0 });
      other.restart();
      other.painted((await waitFor('a first tree', () => sent[0])).revision);
      other.changed('samples');
      await waitFor('a second tree', () => sent[1]);
    } finally {
      other.dispose();
    }
  };

  it('sends a first tree with all functions, and later only what is new', async () => {
    feed.restart();
    const first = await tree(0);
    assert.deepEqual([first.firstFunction, first.newFunctions.length], [1, 2]);
    feed.painted(first.revision);
    source.functionCount = 3;
    feed.changed('samples');
    const second = await tree(1);
    assert.deepEqual(
      second.newFunctions.map((row) => row.name),
      ['f3'],
    );
    assert.equal(second.firstFunction, 3);
    assert.equal(second.profile, first.profile);
  });

  it('tells of many functions in pieces, and of the tree when all are told', async () => {
    source.functionCount = 3500;
    feed.restart();
    const last = await tree(0);
    const pieces = posted.filter((message) => message.type === 'functions');
    assert.deepEqual(
      pieces.map(({ firstFunction, newFunctions: { length } }) => [firstFunction, length]),
      [1, 1001, 2001].map((first) => [first, 1000]),
    );
    assert.deepEqual([last.firstFunction, last.newFunctions.length], [3001, 500]);
    assert.ok(pieces.every(({ profile }) => profile === last.profile));
    assert.equal(posted.at(-1), last);
  });

  it('begins again with a page that comes back while it is told', async () => {
    source.functionCount = 3500;
    const functionInfo = source.functionInfo.bind(source);
    source.functionInfo = (id) => {
      if (id === 2500) {
        source.functionInfo = functionInfo;
        posted = [];
        feed.restart();
      }
      return functionInfo(id);
    };
    feed.restart();
    const first = await tree(0);
    const told = posted.flatMap((message) =>
      'newFunctions' in message ? message.newFunctions : [],
    );
    assert.deepEqual([told.length, told[0]?.name, told.at(-1)?.name], [3500, 'f1', 'f3500']);
    assert.equal(posted.at(-1), first);
  });

  it('tells how far shares of a tree may be off behind it, and no more of one that is over', async () => {
    const halves = new Float32Array(1);
    const errors = { total: halves, self: halves, functionTotal: halves, functionSelf: halves };
    let release = (): void => undefined;
    source.treeErrors = async () => {
      await new Promise<void>((resolve) => (release = resolve));
      return errors;
    };
    const told = () => posted.filter((message) => message.type === 'shareErrors');
    feed.restart();
    const first = await tree(0);
    release();
    assert.equal((await waitFor('errors', () => told()[0])).revision, first.revision);
    feed.painted(first.revision);
    feed.changed('samples');
    await tree(1);
    feed.changed('new-profile');
    release();
    await tree(2);
    assert.equal(told().length, 1);
  });

  it('sends no tree before the last was painted, and then one for all changes since', async () => {
    feed.restart();
    const first = await tree(0);
    for (let i = 0; i < 20; i++) feed.changed('samples');
    await settled();
    assert.equal(trees().length, 1);
    feed.painted(first.revision - 1);
    await settled();
    assert.equal(trees().length, 1);
    feed.painted(first.revision);
    await tree(1);
    await settled();
    assert.equal(trees().length, 2);
    assert.equal(source.asked.length, 2);
  });

  it('sends and computes nothing while nobody looks', async () => {
    listening = false;
    feed.changed('samples');
    feed.changed('status');
    await settled();
    assert.deepEqual([posted.length, source.asked.length], [0, 0]);
    listening = true;
    feed.restart();
    await tree(0);
  });

  it('tells a page that has come back everything again', async () => {
    feed.restart();
    await tree(0);
    feed.restart();
    const again = await tree(1);
    assert.equal(again.newFunctions.length, 2);
  });

  it('drops a tree that was made of the profile before', async () => {
    source.held = true;
    feed.restart();
    const release = await waitFor('the tree to be asked for', () => source.release);
    feed.changed('new-profile');
    source.held = false;
    release();
    const first = await tree(0);
    assert.match(first.profile, /^test\.1$/);
    await settled();
    assert.equal(trees().length, 1);
  });

  it('asks for the view that the page has chosen', async () => {
    feed.restart();
    feed.painted((await tree(0)).revision);
    const view = { measure: 'allocated', windowSeconds: 10, hiddenKinds: 6 } as const;
    feed.want(view);
    assert.equal((await tree(1)).unit, 'allocated');
    assert.deepEqual(source.asked[1], view);
  });
});

describe('what the page says', () => {
  const want = (topic: string, options: unknown) => ({ type: 'want', topic, options });

  it('is taken only where it is well formed', () => {
    assert.deepEqual(fromPage({ type: 'ready', more: 1 }), { type: 'ready' });
    const open = { type: 'open', functionId: 3, line: 4, toSide: true };
    assert.deepEqual(fromPage(open), open);
    const view = { measure: 'cpu', windowSeconds: 30, hiddenKinds: 2 };
    const wanted = want('tree', view);
    assert.deepEqual(fromPage(want('tree', { ...view, more: 1 })), wanted);
    assert.deepEqual(fromPage(want('memory', null)), want('memory', null));
    const ranged = want('tree', { ...view, range: [5, 9] });
    assert.deepEqual(fromPage(ranged), ranged);
    const latency = want('latency', {
      of: 'requests',
      by: 'uri',
      only: { by: 'status', key: '500' },
    });
    assert.deepEqual(fromPage(latency), latency);
    for (const wrong of [
      null,
      'ready',
      { type: 'open', functionId: -1, line: 4 },
      { type: 'open', functionId: 1.5, line: 4 },
      { type: 'control', action: 'constructor' },
      { type: 'control', action: 'delete' },
      { type: 'copy', text: 5 },
      { type: 'copy', text: 'x'.repeat((1 << 20) + 1) },
      want('tree', { measure: 'cpu', windowSeconds: NaN, hiddenKinds: 0 }),
      want('tree', { measure: 'held', windowSeconds: 0, hiddenKinds: 0 }),
      want('tree', { windowSeconds: 0, hiddenKinds: 0 }),
      want('report', { rows: 'owner', columns: 'constructor' }),
      want('toString', {}),
      want('tree', { ...view, range: [5] }),
      want('tree', { ...view, range: [-1, 5] }),
      want('latency', { of: 'requests', by: 'uri', only: { by: 'owner', key: 'x' } }),
      want('latency', { of: 'requests', by: 'uri', only: { by: 'uri', key: 'x'.repeat(5000) } }),
      want('latency', { by: 'toString', only: null }),
      { type: 'open-chunk', chunk: -1, line: 3 },
      want('memory', undefined),
      { type: 'painted', revision: '1' },
    ]) {
      assert.equal(fromPage(wrong), undefined);
    }
  });
});

describe("the page's frame", () => {
  const uris = { cspSource: 'https://x.test', script: 'https://x.test/a?b&"c', style: 's' };

  it('allows its own script and style sheet, and nothing inline', () => {
    const policy = contentSecurityPolicy({ ...uris, nonce: 'n0nce' });
    assert.match(policy, /^default-src 'none'; script-src 'nonce-n0nce'; style-src https:/);
    assert.doesNotMatch(policy, /unsafe|\*|data:|img-src|connect-src|font-src/);
  });

  it('holds what it is given as attributes', () => {
    assert.match(pageHtml(uris, 'n', 'Title'), /src="https:\/\/x\.test\/a\?b&amp;&quot;c"/);
  });
});
