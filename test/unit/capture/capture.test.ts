import assert from 'node:assert/strict';
import { fromOutside } from '../../../extension/common/outside';
import { Capture } from '../../../extension/capture/capture';
import { ProbeError } from '../../../extension/probe/session';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { ProfileStore } from '../../../extension/profile/store';
import { silentLog } from '../../../extension/common/log';
import { FakeProbe, connectorTo, firstBatch, master, rows } from './fake-probe';
import { stackRows } from '../profile/rows';

const attempt = () => ({ signal: new AbortController().signal, onProgress: () => undefined });

function build(probe: FakeProbe): Capture {
  const store = new ProfileStore(new TypeScriptEngine());
  return new Capture(1, { kind: 'local' }, store, connectorTo(probe), silentLog);
}

const limits = { rateHz: 99, budgetPercent: 1, requestLabels: true };

async function running(): Promise<{ probe: FakeProbe; capture: Capture }> {
  const probe = new FakeProbe();
  const capture = build(probe);
  await capture.connect(attempt());
  await capture.list();
  await capture.attach({ master }, limits);
  return { probe, capture };
}

async function samplesInView(capture: Capture): Promise<number> {
  return (await capture.store.functionTable(capture.query())).samples;
}

describe('Capture', () => {
  it('asks for the whole master and records what comes', async () => {
    const { probe, capture } = await running();
    assert.deepEqual(probe.started?.target, { master: 100 });
    probe.send(firstBatch(250_000, 7));
    assert.equal(await samplesInView(capture), 7);
    assert.deepEqual(capture.workers, [101, 102]);
  });

  it('asks for one worker', async () => {
    const probe = new FakeProbe();
    const capture = build(probe);
    await capture.connect(attempt());
    const asked = { rateHz: 499, budgetPercent: 2.5, requestLabels: false };
    await capture.attach({ master, worker: master.workers[0]! }, asked);
    assert.deepEqual(probe.started, { target: { pid: 101 }, ...asked });
  });

  it('loses no batch that comes with the answer to start', async () => {
    const probe = new FakeProbe();
    probe.onStart = () => probe.send(firstBatch(250_000, 7));
    const capture = build(probe);
    await capture.connect(attempt());
    await capture.attach({ master }, limits);
    probe.send({ timeUs: 500_000, ...rows(5) });
    assert.equal(await samplesInView(capture), 12);
  });

  it('goes on with another probe after this process stood still', async () => {
    const { probe, capture } = await running();
    probe.send(firstBatch(250_000, 7));
    probe.sendHealth({ samples: 7 });
    // The next probe counts its time and its ids from the start.
    probe.onStart = () => probe.send(firstBatch(250_000, 5));
    probe.events.closed?.(new ProbeError('silenced', 'The probe heard nothing.'));
    await new Promise((resolve) => setImmediate(resolve));
    probe.sendHealth({ samples: 5 });
    assert.equal(capture.state, 'running');
    assert.equal(await samplesInView(capture), 12);
    assert.equal(capture.store.functions.length, 1);
    assert.equal(capture.health.samples, 12);
    assert.match(capture.message, /time between is missing/);
  });

  it('ends where no other probe can be started', async () => {
    const { probe, capture } = await running();
    probe.send(firstBatch(250_000, 7));
    probe.failToStart = new Error('no');
    probe.events.closed?.(new ProbeError('silenced', 'The probe heard nothing.'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(capture.state, 'failed');
    assert.equal(capture.message, 'The probe heard nothing.');
    assert.equal(await samplesInView(capture), 7);
  });

  it('freezes the view while paused and shows all that was recorded after', async () => {
    const { probe, capture } = await running();
    probe.send(firstBatch(250_000, 7));
    capture.pause();
    probe.send({ timeUs: 500_000, ...rows(5) });
    assert.equal(await samplesInView(capture), 7);
    capture.resume();
    assert.equal(await samplesInView(capture), 12);
  });

  it('shows the last seconds only, also while paused', async () => {
    const { probe, capture } = await running();
    probe.send(firstBatch(1_000_000, 1));
    for (const second of [2, 3, 4]) probe.send({ timeUs: second * 1e6, ...rows(1) });
    capture.view.look({ measure: 'cpu', windowSeconds: 2, hiddenKinds: 0 });
    assert.equal(await samplesInView(capture), 2);
    capture.pause();
    probe.send({ timeUs: 5e6, ...rows(1) });
    probe.send({ timeUs: 6e6, ...rows(1) });
    assert.equal(await samplesInView(capture), 2);
  });

  it('begins to count anew at a reset, and shows what comes next', async () => {
    const { probe, capture } = await running();
    probe.send(firstBatch(250_000, 7));
    probe.sendHealth({ lost: 4, samples: 7 });
    capture.pause();
    capture.reset();
    probe.send({ timeUs: 500_000, ...rows(2) });
    probe.sendHealth({ lost: 5, samples: 9 });
    assert.equal(capture.state, 'running');
    assert.equal(await samplesInView(capture), 2);
    assert.equal(capture.health.lost, 1);
  });

  it('keeps what was captured when the connection is lost', async () => {
    const { probe, capture } = await running();
    probe.send(firstBatch(250_000, 7));
    probe.failToStart = new Error('no');
    probe.events.closed?.(new ProbeError('connection-lost', 'The connection was lost.'));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(capture.state, 'failed');
    assert.equal(capture.message, 'The connection was lost.');
    assert.equal(await samplesInView(capture), 7);
    await assert.rejects(capture.readFile('/a', 'worker'), ProbeError);
  });

  it('takes the exit of every worker for an end, not a failure', async () => {
    const { probe, capture } = await running();
    probe.events.closed?.(new ProbeError('targets-gone', 'Every worker has exited.'));
    assert.equal(capture.state, 'stopped');
    assert.equal(capture.message, 'Every worker has exited.');
  });

  it('ends with a message where batches do not fit together', async () => {
    const { probe, capture } = await running();
    probe.send(firstBatch(250_000, 7));
    probe.send({ timeUs: 500_000, stacks: [stackRows({ stacks: [99] })] });
    assert.equal(capture.state, 'failed');
    assert.match(capture.message, /does not fit together/);
    assert.equal(probe.closes, 1);
    assert.equal(await samplesInView(capture), 7);
  });

  it('keeps what the sampler costs and loses apart from what passes', async () => {
    const { probe, capture } = await running();
    const notice = { pid: 0, detail: fromOutside('') };
    probe.restriction = 'sudo asks for a password.';
    probe.events.notice?.({
      ...notice,
      kind: 'sampler-fell-back',
      text: fromOutside('Kernel is not seen.'),
    });
    probe.events.notice?.({
      ...notice,
      kind: 'rate-lowered',
      text: fromOutside('It samples at 41 Hz.'),
    });
    assert.equal(capture.trace.samplerNote, 'Kernel is not seen. sudo asks for a password.');
    assert.equal(capture.message, '');
    probe.events.notice?.({
      ...notice,
      kind: 'worker-left',
      text: fromOutside('Process 7 has exited.'),
    });
    assert.equal(capture.message, 'Process 7 has exited.');
    assert.deepEqual(capture.trace.limits, limits);
  });

  it('ends the probe on stop, once', async () => {
    const { probe, capture } = await running();
    await capture.stop();
    await capture.stop();
    assert.equal(capture.state, 'stopped');
    probe.send(firstBatch(250_000, 7));
    assert.equal(await samplesInView(capture), 0);
  });

  it('ends the probe where sampling could not start', async () => {
    const probe = new FakeProbe();
    probe.failToStart = new ProbeError('privilege', 'CAP_BPF is missing.');
    const capture = build(probe);
    await capture.connect(attempt());
    await assert.rejects(capture.attach({ master }, limits), /CAP_BPF/);
    assert.equal(capture.state, 'failed');
    assert.equal(probe.closes, 1);
    assert.equal(capture.life.hasRun, false);
  });

  it('closes a connection that comes after it was stopped', async () => {
    const probe = new FakeProbe();
    const capture = build(probe);
    const connecting = capture.connect(attempt());
    await capture.stop();
    await connecting;
    assert.equal(capture.state, 'stopped');
    assert.equal(probe.closes, 1);
  });

  it('knows when the oldest traced worker started', async () => {
    const { capture } = await running();
    // Answered by the transport in another turn.
    await new Promise(setImmediate);
    assert.equal(capture.trace.workersStartedMs, 1_700_000_050_000);
  });
});
