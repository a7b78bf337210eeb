import assert from 'node:assert/strict';
import { Intake, type IntakeEvents } from '../../../extension/capture/intake';
import { ProbeError } from '../../../extension/probe/session';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { ProfileStore, sinceStart } from '../../../extension/profile/store';
import { stackRows } from '../profile/rows';
import { FakeProbe, firstBatch, rows } from './fake-probe';

const options = { target: { pid: 101 }, rateHz: 99, budgetPercent: 1, requestLabels: true };

function build() {
  const store = new ProfileStore(new TypeScriptEngine());
  const heard: string[] = [];
  const closings: (ProbeError | undefined)[] = [];
  const events: IntakeEvents = {
    begun: () => heard.push('begun'),
    batch: ({ timeUs }) => heard.push(`batch ${timeUs}`),
    health: () => heard.push('health'),
    notice: () => heard.push('notice'),
    forgotten: () => heard.push('forgotten'),
    closed: (error) => closings.push(error),
  };
  return { store, heard, closings, intake: new Intake(store, events) };
}

const samplesIn = async (store: ProfileStore, fromUs = -Infinity) =>
  (await store.functionTable({ ...sinceStart, fromUs })).samples;

describe('The intake', () => {
  it('begins a run before it takes in what came with the answer to start', async () => {
    const { store, heard, intake } = build();
    const probe = new FakeProbe();
    probe.onStart = () => probe.send(firstBatch(250_000, 7));
    intake.listen(probe);
    await intake.start(probe, options);
    probe.send({ timeUs: 500_000, ...rows(5) });
    assert.deepEqual(heard, ['begun', 'batch 250000', 'batch 500000']);
    assert.equal(await samplesIn(store), 12);
  });

  it('places the first batch of a second run behind the first run', async () => {
    const { store, intake } = build();
    for (const count of [7, 5]) {
      const probe = new FakeProbe();
      probe.onStart = () => probe.send(firstBatch(250_000, count));
      intake.listen(probe);
      await intake.start(probe, options);
      probe.sendHealth({ samples: count });
    }
    assert.equal(store.timeUs, 500_000);
    assert.equal(await samplesIn(store, 250_001), 5);
    assert.equal(intake.counts.now.samples, 12);
  });

  it('leaves out what came before a start that failed', async () => {
    const { store, heard, intake } = build();
    const probe = new FakeProbe();
    intake.listen(probe);
    probe.failToStart = new ProbeError('privilege', 'No.');
    await assert.rejects(intake.start(probe, options), /No/);
    assert.deepEqual(heard, []);
    assert.equal(await samplesIn(store), 0);
  });

  it('ends once where a batch does not fit, and keeps what came before', async () => {
    const { store, closings, intake } = build();
    const probe = new FakeProbe();
    intake.listen(probe);
    await intake.start(probe, options);
    probe.send(firstBatch(250_000, 7));
    const misfit = { timeUs: 500_000, stacks: [stackRows({ stacks: [99] })] };
    probe.send(misfit);
    probe.send(misfit);
    probe.send({ timeUs: 750_000, ...rows(1) });
    assert.deepEqual(
      closings.map((error) => error?.kind),
      ['corrupt-stream'],
    );
    assert.equal(await samplesIn(store), 7);
  });

  it('forgets samples, and counts from there on', async () => {
    const { store, intake } = build();
    const probe = new FakeProbe();
    intake.listen(probe);
    await intake.start(probe, options);
    probe.send(firstBatch(250_000, 7));
    probe.sendHealth({ samples: 7, lost: 4 });
    intake.forget(probe);
    probe.send({ timeUs: 500_000, ...rows(2) });
    probe.sendHealth({ samples: 9, lost: 5 });
    assert.equal(await samplesIn(store), 2);
    assert.equal(intake.counts.now.samples, 2);
    assert.equal(intake.counts.now.lost, 1);
  });
});
