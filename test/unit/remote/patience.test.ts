import assert from 'node:assert/strict';
import { patiently } from '../../../extension/remote/patience';

const soon = { sayMs: 2, askMs: 6 };

describe('patience with a busy host', () => {
  it('says how long and why, and asks before it gives up', async () => {
    const said: string[] = [];
    const asked: string[] = [];
    let finish: (value: string) => void = () => undefined;
    const work = new Promise<string>((resolve) => (finish = resolve));
    const waited = patiently(
      work,
      'Waiting for the probe',
      {
        onProgress: (text) => said.push(text),
        why: () => Promise.resolve('load 15 on 2 cores'),
        keepWaiting: (text) => {
          asked.push(text);
          if (asked.length === 2) finish('done');
          return Promise.resolve(true);
        },
      },
      () => new Error('too long'),
      soon,
    );
    assert.equal(await waited, 'done');
    assert.equal(asked.length, 2);
    assert.match(said[0]!, /^Waiting for the probe for \d+ s: load 15 on 2 cores$/);
  });

  it('gives up where nobody waits, and where the answer is no', async () => {
    const never = new Promise<never>(() => undefined);
    const tooLong = (): Error => new Error('too long');
    await assert.rejects(patiently(never, 'x', {}, tooLong, soon), /too long/);
    const keepWaiting = (): Promise<boolean> => Promise.resolve(false);
    await assert.rejects(patiently(never, 'x', { keepWaiting }, tooLong, soon), /too long/);
  });

  it('takes a question back when the work is done', async () => {
    let signal: AbortSignal | undefined;
    let finish: () => void = () => undefined;
    const work = new Promise<void>((resolve) => (finish = resolve));
    const keepWaiting = (_: string, given: AbortSignal): Promise<boolean> => {
      signal = given;
      finish();
      return new Promise(() => undefined);
    };
    await patiently(work, 'x', { keepWaiting }, () => new Error('too long'), soon);
    assert.equal(signal?.aborted, true);
  });
});
