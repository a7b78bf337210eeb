import assert from 'node:assert/strict';
import { Capture } from '../../../extension/capture/capture';
import { ProbeError, type AllocationBursts } from '../../../extension/probe/session';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { ProfileStore } from '../../../extension/profile/store';
import { silentLog } from '../../../extension/common/log';
import { waitFor } from '../../fixtures/wait';
import { connectorTo, FakeProbe, firstBatch, master } from './fake-probe';

const limits = { rateHz: 99, budgetPercent: 1, requestLabels: true };
const cpu = { measure: 'cpu', windowSeconds: 0, hiddenKinds: 0 } as const;
const allocated = { ...cpu, measure: 'allocated' } as const;
const bursts: AllocationBursts = {
  on: true,
  watchedUs: 10_000,
  elapsedUs: 1e6,
  allocations: 100,
  bytes: 4096,
  lostBytes: 0,
  requests: 16,
  requestScope: 'workers',
  costPercent: 0.3,
  missing: '',
};

async function running(probe = new FakeProbe()) {
  const store = new ProfileStore(new TypeScriptEngine());
  const capture = new Capture(1, { kind: 'local' }, store, connectorTo(probe), silentLog);
  await capture.connect({ signal: new AbortController().signal, onProgress: () => undefined });
  await capture.attach({ master }, limits);
  return { probe, capture };
}

const rows = {
  stacks: Uint32Array.of(1),
  pids: Uint32Array.of(101),
  labels: Uint32Array.of(0),
  requests: new Uint32Array(),
  counts: Uint32Array.of(1),
  bytes: Float64Array.of(4000),
};

describe('A capture of allocations', () => {
  it('watches them while they are looked at', async () => {
    const { probe, capture } = await running();
    capture.view.look(allocated);
    await waitFor('the first request', () => probe.watched.length === 1);
    assert.ok(capture.allocations.state.wanted);
    capture.view.look({ ...allocated, windowSeconds: 10 });
    capture.view.lookAway();
    await waitFor('the second request', () => probe.watched.length === 2);
    assert.deepEqual(probe.watched, [true, false]);
    assert.equal(capture.view.measure, 'cpu');
  });

  it('shows bytes, and what they come to', async () => {
    const { probe, capture } = await running();
    capture.view.look(allocated);
    probe.send({ ...firstBatch(1e6, 7), allocations: rows });
    probe.sendHealth({ bursts });
    const tree = await capture.analysis.profile.callTree(capture.query());
    assert.equal(tree.total[0], 4000);
    assert.equal(capture.allocationFigures(capture.query()).bytesPerRequest, 256);
    assert.ok(capture.allocations.state.on);
    assert.equal(capture.allocations.state.costPercent, 0.3);
    capture.reset();
    assert.equal(capture.allocationFigures(capture.query()).bytes, 0);
  });

  it('asks for them again where the probe was started anew', async () => {
    const { probe, capture } = await running();
    capture.view.look(allocated);
    probe.send(firstBatch(1e6, 1));
    probe.sendHealth({ bursts });
    probe.events.closed?.(new ProbeError('silenced', 'It heard nothing.'));
    await waitFor('the second request', () => probe.watched.length === 2);
    assert.deepEqual(probe.watched, [true, true]);
    probe.send(firstBatch(1e6, 1));
    probe.sendHealth({ bursts });
    assert.equal(capture.allocationFigures(capture.query()).requests, 32);
  });

  it('says why they cannot be watched, until they are asked for again', async () => {
    const probe = new FakeProbe();
    probe.failToWatch = new ProbeError('other', 'Uprobes are locked down.');
    const { capture } = await running(probe);
    capture.view.look(allocated);
    await waitFor('the reason', () => capture.allocations.state.missing !== '');
    assert.equal(capture.allocations.state.missing, 'Uprobes are locked down.');
    capture.view.look(cpu);
    assert.equal(capture.allocations.state.missing, '');
    assert.equal(capture.state, 'running');
  });

  it('waits with it until the trace runs, and leaves an ended one alone', async () => {
    const probe = new FakeProbe();
    const store = new ProfileStore(new TypeScriptEngine());
    const capture = new Capture(1, { kind: 'local' }, store, connectorTo(probe), silentLog);
    await capture.connect({ signal: new AbortController().signal, onProgress: () => undefined });
    capture.view.look(allocated);
    assert.deepEqual(probe.watched, []);
    await capture.attach({ master }, limits);
    await waitFor('the request', () => probe.watched.length === 1);
    await capture.stop();
    capture.view.look(cpu);
    assert.deepEqual(probe.watched, [true]);
  });
});
