import assert from 'node:assert/strict';
import { freshness, type Evidence } from '../../../extension/editor/stale';

const base: Evidence = {
  text: 'return 1\n',
  dirty: false,
  savedMs: 5_000,
  target: { text: 'return 1\n', modifiedMs: 5_000 },
  workersStartedMs: 10_000,
  sameClock: true,
};

function judge(change: Partial<Evidence>): string {
  const result = freshness({ ...base, ...change });
  return result.kind === 'stale' ? result.why : result.kind;
}

describe('freshness', () => {
  it('is fresh where the text is the worker’s', () => {
    assert.equal(judge({}), 'fresh');
    assert.equal(judge({ text: '\ufeffreturn 1\r\n' }), 'fresh');
    // Typed and undone again.
    assert.equal(judge({ dirty: true }), 'fresh');
  });

  it('is stale where the document was edited', () => {
    assert.equal(
      judge({ text: 'return 2\n', dirty: true }),
      'file changed since the worker loaded it, not saved',
    );
    assert.equal(judge({ text: 'return 2\n' }), "file differs from the worker's");
  });

  it('is stale where the target’s file was written after the worker started', () => {
    const target = { text: 'return 1\n', modifiedMs: 20_000 };
    assert.equal(judge({ target }), 'file changed since the worker loaded it');
    assert.equal(judge({ target, workersStartedMs: undefined }), 'fresh');
  });

  it('gives file times a second of grace', () => {
    assert.equal(judge({ target: { text: 'return 1\n', modifiedMs: 10_900 } }), 'fresh');
  });

  describe('where the target’s file cannot be read', () => {
    const target = undefined;
    it('goes by the document’s own time, on one clock only', () => {
      assert.equal(judge({ target }), 'fresh');
      assert.equal(judge({ target, savedMs: 20_000 }), 'file changed since the worker loaded it');
      assert.equal(judge({ target, savedMs: 20_000, sameClock: false }), 'unknown');
      assert.equal(judge({ target, savedMs: undefined }), 'unknown');
      assert.equal(judge({ target, workersStartedMs: undefined }), 'unknown');
    });

    it('is stale where there are edits that are not saved', () => {
      assert.match(judge({ target, dirty: true, sameClock: false }), /not saved/);
    });
  });
});
