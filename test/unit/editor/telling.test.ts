import assert from 'node:assert/strict';
import { Telling } from '../../../extension/editor/telling';

describe('telling the editor of new lenses', () => {
  let now = 0;
  let telling: Telling;

  beforeEach(() => {
    now = 0;
    telling = new Telling(() => now);
  });

  it('waits until what is shown has asked since the last time', () => {
    telling.asked('a');
    assert.ok(telling.isDue(['a']));
    assert.ok(!telling.isDue(['a']));
    telling.asked('a');
    assert.ok(telling.isDue(['a']));
  });

  it('waits for the slower one of two', () => {
    telling.asked('a');
    telling.asked('b');
    assert.ok(telling.isDue(['a', 'b']));
    telling.asked('a');
    assert.ok(!telling.isDue(['a', 'b']));
    telling.asked('b');
    assert.ok(telling.isDue(['a', 'b']));
  });

  it('does not wait for a document that never asks, is hidden or closed', () => {
    telling.asked('a');
    telling.asked('b');
    assert.ok(telling.isDue(['a', 'text.md']));
    telling.asked('a');
    assert.ok(telling.isDue(['a', 'b', 'text.md']));
    assert.ok(telling.isDue(['c']));
    telling.asked('b');
    assert.ok(telling.isDue(['b']));
    telling.closed('b');
    assert.ok(telling.isDue(['b']));
  });

  it('loses its patience after half a minute', () => {
    telling.asked('a');
    assert.ok(telling.isDue(['a']));
    now = 29_000;
    assert.ok(!telling.isDue(['a']));
    now = 31_000;
    assert.ok(telling.isDue(['a']));
  });
});
