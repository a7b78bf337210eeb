import assert from 'node:assert/strict';
import { Recorder } from '../../../../extension/probe/recording/recorder';
import { ReplaySession } from '../../../../extension/probe/recording/replay';
import { OwnerIndex } from '../../../../extension/analysis/owner-index';
import { StackStore, type Word } from '../../analysis/stacks';
import { hello, randomOf, Run, start, started } from './dialogue';

describe('A large recording', () => {
  it('is opened in turns with other work, and tells how far it is', async () => {
    const recorder = new Recorder();
    for (const message of [hello(), started(1_700_000_000_000)]) recorder.heard(message);
    recorder.said(start());
    const run = new Run(randomOf(5));
    for (let i = 0; i < 3000; i++) recorder.heard(run.batch());
    const file = recorder.write({ host: 'web1', target: 't' }, '');
    let turns = 0;
    const other = setInterval(() => turns++, 0);
    const parts: number[] = [];
    const session = await ReplaySession.open(file);
    await session.play((part) => parts.push(part));
    clearInterval(other);
    assert.ok(turns > 3, `${turns}`);
    assert.deepEqual(
      parts,
      [...parts].sort((a, b) => a - b),
    );
    assert.equal(parts.at(-1), 1);
  });

  it('has its owners told in turns, as if at once', async () => {
    const stack = Array.from({ length: 30_000 }, (_, i): Word => (i % 3 === 0 ? 'jwt' : 'http'));
    const { store } = new StackStore().add(1000, [{ stack }]);
    const [slow, quick] = [new OwnerIndex(store), new OwnerIndex(store)];
    await slow.advance();
    const once = quick.update();
    assert.deepEqual(slow.update().slice(0, 30_001), once.slice(0, 30_001));
  });
});
