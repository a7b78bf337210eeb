import assert from 'node:assert/strict';
import { Capture } from '../../../extension/capture/capture';
import { ProbeError, type InstrumentState } from '../../../extension/probe/session';
import { TypeScriptEngine } from '../../../extension/profile/engine-ts';
import { ProfileStore } from '../../../extension/profile/store';
import { silentLog } from '../../../extension/common/log';
import { waitFor } from '../../fixtures/wait';
import { stackRows } from '../profile/rows';
import { connectorTo, FakeProbe, firstBatch, master } from './fake-probe';

const limits = { rateHz: 99, budgetPercent: 1, requestLabels: true };
const cpu = { measure: 'cpu', windowSeconds: 0, hiddenKinds: 0 } as const;
const allocated = { ...cpu, measure: 'allocated' } as const;
const blocked = { ...cpu, measure: 'offcpu' } as const;
const figures = (capture: Capture) => capture.watched('allocations', capture.query());
const state: InstrumentState = {
  instrument: 'allocations',
  on: true,
  watchedUs: 10_000,
  elapsedUs: 1e6,
  events: 100,
  value: 4096,
  lostEvents: 0,
  lostValue: 0,
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

const rows = stackRows({ stacks: [1], pids: [101], values: [4000] }, 'allocated');
const on = ['allocations', true] as const;
const off = ['allocations', false] as const;

describe('A capture of allocations', () => {
  it('watches them while they are looked at', async () => {
    const { probe, capture } = await running();
    capture.view.look(allocated);
    await waitFor('the first request', () => probe.watched.length === 1);
    assert.ok(capture.instrument('allocations').wanted);
    capture.view.look({ ...allocated, windowSeconds: 10 });
    capture.view.lookAway();
    await waitFor('the second request', () => probe.watched.length === 2);
    assert.deepEqual(probe.watched, [on, off]);
    assert.equal(capture.view.measure, 'cpu');
  });

  it('shows bytes, and what they come to', async () => {
    const { probe, capture } = await running();
    capture.view.look(allocated);
    const batch = firstBatch(1e6, 7);
    probe.send({ ...batch, stacks: [...batch.stacks!, rows] });
    probe.sendHealth({ instruments: [state] });
    const tree = await capture.analysis.profile.callTree(capture.query());
    assert.equal(tree.total[0], 4000);
    assert.equal(figures(capture).perRequest, 256);
    assert.ok(capture.instrument('allocations').on);
    assert.equal(capture.instrument('allocations').costPercent, 0.3);
    assert.equal(capture.instrumentsPercent, 0.3);
    capture.reset();
    assert.equal(figures(capture).value, 0);
  });

  it('asks for them again where the probe was started anew', async () => {
    const { probe, capture } = await running();
    capture.view.look(allocated);
    probe.send(firstBatch(1e6, 1));
    probe.sendHealth({ instruments: [state] });
    probe.events.closed?.(new ProbeError('silenced', 'It heard nothing.'));
    await waitFor('the second request', () => probe.watched.length === 2);
    assert.deepEqual(probe.watched, [on, on]);
    probe.send(firstBatch(1e6, 1));
    probe.sendHealth({ instruments: [state] });
    assert.equal(figures(capture).requests, 32);
  });

  it('says why they cannot be watched, until they are asked for again', async () => {
    const probe = new FakeProbe();
    probe.failToWatch = new ProbeError('other', 'Uprobes are locked down.');
    const { capture } = await running(probe);
    capture.view.look(allocated);
    await waitFor('the reason', () => capture.instrument('allocations').missing !== '');
    assert.equal(capture.instrument('allocations').missing, 'Uprobes are locked down.');
    capture.view.look(cpu);
    assert.equal(capture.instrument('allocations').missing, '');
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
    assert.deepEqual(probe.watched, [on]);
  });

  it('keeps one on that a pane asks for while its measure comes and goes', async () => {
    const { probe, capture } = await running();
    const asked = () => probe.watched.map(([instrument, wanted]) => `${instrument} ${wanted}`);
    const thrown = { ...cpu, measure: 'exceptions' } as const;
    capture.watch('errors', true);
    capture.view.look(thrown);
    capture.view.look(cpu);
    capture.view.look(thrown);
    capture.watch('errors', false);
    await waitFor('the request', () => probe.watched.length > 0);
    assert.deepEqual(asked(), ['errors true']);
    capture.view.look(cpu);
    await waitFor('its end', () => probe.watched.length > 1);
    assert.deepEqual(asked(), ['errors true', 'errors false']);
  });

  it('leaves other instruments to whoever switches them', async () => {
    const { probe, capture } = await running();
    capture.watch('requests', true);
    capture.view.look(allocated);
    capture.view.look(blocked);
    const last = ['offcpu', true] as const;
    await waitFor('the requests', () => probe.watched.length === 4);
    const asked = probe.watched.map(([instrument, wanted]) => `${instrument} ${wanted}`);
    assert.deepEqual(
      asked.sort(),
      [on, off, last, ['requests', true]].map((each) => each.join(' ')).sort(),
    );
    probe.sendHealth({ instruments: [{ ...state, instrument: 'requests' }] });
    assert.deepEqual(
      ['requests', 'offcpu'].map((name) => capture.instrument(name).on),
      [true, false],
    );
  });
});
