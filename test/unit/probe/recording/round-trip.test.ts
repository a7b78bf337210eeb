import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Recorder } from '../../../../extension/probe/recording/recorder';
import { frame } from '../../../../extension/probe/framing';
import { hello, notice, randomOf, Run, start, started } from './dialogue';
import { answers, live, reopened, until } from './replayed';

const startedAt = 1_700_000_000_000;

describe('A recording', function () {
  this.timeout(60_000);

  it('answers all that its capture did, whatever that had and wherever it was reset', async () => {
    const plan = fc.record({
      seed: fc.integer(),
      batches: fc.integer({ min: 1, max: 40 }),
      resetAfter: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ seed, batches, resetAfter }) => {
        const { capture, script } = await live(startedAt);
        const run = new Run(randomOf(seed));
        try {
          for (let sequence = 1; sequence <= batches; sequence++) {
            script.bytes(frame(run.batch()));
            if (sequence !== resetAfter) continue;
            await until(capture, sequence * 250_000);
            capture.reset();
          }
          await until(capture, batches * 250_000);
          const expected = await answers(capture);
          const again = await reopened(capture.recording());
          assert.deepEqual(await answers(again), expected);
        } finally {
          await capture.stop();
        }
      }),
      { numRuns: 40 },
    );
  });

  it('says where and of what it is, and is over', async () => {
    const { capture, script } = await live(startedAt);
    script.bytes(frame(notice('One worker is new.')));
    script.bytes(frame(new Run(randomOf(1)).batch()));
    await until(capture, 250_000);
    const again = await reopened(capture.recording());
    assert.equal(again.state, 'stopped');
    assert.equal(again.message, '');
    assert.equal(again.targetName, 'Kong 3.9.1, 2 workers');
    assert.equal(again.target?.master.prefix, '/usr/local/kong');
    assert.equal(again.recorded?.startUnixMs, startedAt);
    assert.notEqual(again.host, 'This machine');
    assert.equal(again.link.probe?.kernel, '6.1');
    assert.equal(again.trace.sampler, 'BPF');
    assert.equal(again.elapsedMs, 250);
    await assert.rejects(
      again.readFile('/a.lua', 'worker'),
      /This is a recording\. \/a\.lua is not in it/,
    );
    assert.throws(() => again.recording(), /a recording already/);
    await capture.stop();
  });

  it('says why the capture ended', async () => {
    const { capture, script } = await live(startedAt);
    script.bytes(frame(new Run(randomOf(2)).batch()));
    await until(capture, 250_000);
    script.end(1);
    while (capture.state !== 'failed') await new Promise((resolve) => setImmediate(resolve));
    const again = await reopened(capture.recording());
    assert.equal(again.state, 'stopped');
    assert.match(again.message, /The probe on the host ended with exit code 1/);
  });

  it('goes on over a second run of the probe, as the capture did', async () => {
    const random = randomOf(3);
    const recorder = new Recorder();
    recorder.heard(hello());
    recorder.said(start());
    recorder.heard(started(startedAt));
    const runs = [new Run(random), new Run(random)];
    for (let i = 0; i < 40; i++) recorder.heard(runs[0]!.batch());
    recorder.heard(hello());
    recorder.heard(started(startedAt + 60_000));
    for (let i = 0; i < 40; i++) recorder.heard(runs[1]!.batch());
    const { store, health } = await reopened(recorder.write({ host: 'web1', target: 't' }, ''));
    assert.equal(store.timeUs, 70_000_000);
    // Both runs counted from 1 on to at most 40.
    assert.ok(health.lost > 40, `${health.lost}`);
    assert.equal((await store.callTree()).samples, store.tallies.samples);
  });

  it('keeps to its size, says so, and still opens', async () => {
    const recorder = new Recorder(20_000, () => 5);
    const told: string[] = [];
    recorder.onLeftOut = (text) => told.push(text);
    const run = new Run(randomOf(4));
    for (const message of [hello(), started(startedAt)]) recorder.heard(message);
    recorder.said(start());
    for (let i = 0; i < 2000; i++) recorder.heard(run.batch());
    recorder.heap(101, [new Uint8Array(1000)]);
    assert.equal(told.length, 2);
    assert.match(told[0]!, /has reached 0\.0 MB and takes no more.* save the recording now/);
    assert.match(told[1]!, /worker 101 .* is not in the recording/);
    const file = recorder.write({ host: 'web1', target: 't' }, '');
    assert.ok(file.length < 21_000, `${file.length}`);
    const { store, message, recorded } = await reopened(file);
    assert.ok(store.tallies.samples > 0);
    assert.match(message, /takes no more/);
    assert.deepEqual(recorded?.heaps, []);
  });
});
