import assert from 'node:assert/strict';
import { Capture } from '../../../extension/capture/capture';
import { silentLog } from '../../../extension/common/log';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { ProfileStore } from '../../../extension/profile/store';
import { Chunks } from '../../../extension/views/capture-page/chunks';
import { errorsMessage } from '../../../extension/views/capture-page/errors-message';
import { connectorTo, FakeProbe } from '../capture/fake-probe';
import { hostile, wrongBatch } from '../profile/wrong-rows';

const seenByNobody = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

describe('the message of what goes wrong', () => {
  const store = new ProfileStore(new TypeScriptEngine());
  store.beginRun(1_700_000_000_000);
  store.add(wrongBatch(58e6));
  const capture = new Capture(1, { kind: 'local' }, store, connectorTo(new FakeProbe()), silentLog);
  const chunks = new Chunks();
  const message = errorsMessage(capture, chunks);

  it('has places that the page can open, and no others', () => {
    const [first, tail] = message.responses;
    assert.deepEqual(
      [first!.status, first!.file, first!.line, first!.count, first!.from],
      [403, '/srv/response.lua', 8, 7, 'srv/handler.lua:31'],
    );
    assert.equal(chunks.nameOf(first!.chunk), '@/srv/response.lua');
    assert.deepEqual([tail!.file, tail!.chunk], ['[tail call]', -1]);
    const [, warning] = message.log;
    assert.deepEqual([warning!.file, warning!.chunk, warning!.line], ['', -1, 0]);
  });

  it('has rates up to now, and leaves nothing out', () => {
    assert.equal(message.exceptions[0]!.rate.at(-1), 1);
    assert.deepEqual([message.left, message.lost], [0, 0]);
  });

  it('shows what is invisible in messages', () => {
    const shown = message.exceptions.map((row) => row.message);
    assert.ok(!shown.some((each) => each.includes(hostile)));
    for (const each of shown) assert.doesNotMatch(each, seenByNobody);
  });
});
