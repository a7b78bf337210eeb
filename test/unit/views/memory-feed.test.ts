import assert from 'node:assert/strict';
import { MemoryHistory } from '../../../extension/profile/memory-history';
import { MemoryFeed } from '../../../extension/views/capture-page/memory-feed';
import type { MemoryMessage, ToPage } from '../../../extension/page/messages';
import { pointOf } from '../../webview/memory-points';

describe('the feed of memory', () => {
  const history = new MemoryHistory();
  const posted: MemoryMessage[] = [];
  let listening = true;
  const zones = {
    pid: 1,
    leftOut: 0,
    missing: '',
    zones: [
      {
        name: 'a\u202eb',
        module: 'm\0',
        sizeBytes: 1,
        residentBytes: 0,
        pool: undefined,
        dict: undefined,
      },
    ],
  };
  const feed = new MemoryFeed(
    { memory: () => ({ history, zones }) },
    {
      post: (message: ToPage) => posted.push(message as MemoryMessage),
      isListening: () => listening,
    },
  );
  const last = () => {
    const { whole, points } = posted.at(-1)!;
    return [posted.length, whole, points.length];
  };

  it('sends all once, then what is new, and nothing where nobody looks', () => {
    for (let second = 0; second < 5; second++) history.add(pointOf(1, second));
    feed.changed('status');
    assert.equal(posted.length, 0);
    feed.want({});
    assert.deepEqual(last(), [1, true, 5]);
    feed.changed('status');
    history.add(pointOf(1, 5));
    history.add(pointOf(2, 5));
    feed.changed('status');
    assert.deepEqual(last(), [2, false, 2]);
    listening = false;
    history.add(pointOf(1, 6));
    feed.changed('status');
    listening = true;
    feed.changed('status');
    assert.deepEqual(last(), [3, false, 1]);
  });

  it('begins anew after a reset, and sends no more than a page can take', () => {
    history.clear();
    for (let pid = 1; pid <= 30; pid++) {
      for (let second = 0; second < 600; second++) history.add(pointOf(pid, second));
    }
    feed.restart();
    const { whole, points } = posted.at(-1)!;
    assert.ok(whole && points.length <= 10_000 && points.length > 5000, `${points.length}`);
    assert.equal(points.filter(({ atMs }) => atMs === pointOf(1, 599).atMs).length, 30);
    history.clear();
    history.add(pointOf(7, 1));
    feed.changed('status');
    assert.deepEqual(last().slice(1), [true, 1]);
  });

  it('shows what is invisible in names', () => {
    const [zone] = posted.at(-1)!.zones!.zones;
    assert.ok(!/[\0\u202e]/.test(`${zone!.name}${zone!.module}`), JSON.stringify(zone));
  });
});
