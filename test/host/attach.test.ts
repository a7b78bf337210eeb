import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Capture } from '../../extension/capture/capture';
import { waitFor } from '../fixtures/wait';
import { Target, api, isAlive } from './target';

describe('Attach Tracer', () => {
  let target: Target;
  let capture: Capture;

  before(async () => {
    target = await Target.start(2);
    capture = await target.attach();
  });

  after(() => target.stop());

  it('traces all workers of a master', async () => {
    assert.equal(capture.state, 'running');
    assert.deepEqual(new Set(capture.workers), new Set(await target.gateway.workerPids()));
    assert.match(capture.host, /This machine/);
  });

  it('paints', async () => {
    const { lastTimings } = await waitFor('the first paint', async () => {
      const now = await api();
      return now.lastTimings?.firstPaintMs !== undefined && now;
    });
    assert.ok(lastTimings?.attachMs !== undefined && lastTimings.firstBatchMs !== undefined);
  });

  it('says in the status bar what runs', async () => {
    await waitFor('a rate in the status bar', async () =>
      /This machine · 2 workers · [1-9]\d* samples\/s/.test((await api()).statusText),
    );
  });

  it('freezes the view on pause while the recording goes on', async () => {
    await vscode.commands.executeCommand('acupoint.pause');
    const frozen = (await capture.store.callTree(capture.query())).samples;
    const recorded = capture.store.tallies.samples;
    await waitFor('more samples', () => capture.store.tallies.samples > recorded + 20);
    assert.equal((await capture.store.callTree(capture.query())).samples, frozen);
    await vscode.commands.executeCommand('acupoint.resume');
    assert.ok((await capture.store.callTree(capture.query())).samples > frozen);
  });

  it('follows a reload to the new workers', async () => {
    const pids = await target.gateway.reload();
    await waitFor('the new workers', () => pids.every((pid) => capture.workers.includes(pid)));
    assert.equal(capture.state, 'running');
  });

  it('begins anew on reset', async () => {
    await vscode.commands.executeCommand('acupoint.reset');
    assert.ok(capture.store.tallies.samples < 200);
    await waitFor('samples after the reset', () => capture.store.tallies.samples > 20);
  });

  it('leaves no probe behind on stop, and keeps the profile', async () => {
    const pid = capture.link.probe?.probePid ?? 0;
    assert.ok(isAlive(pid));
    await vscode.commands.executeCommand('acupoint.stop');
    await waitFor('the end of the probe', () => !isAlive(pid), { timeoutMs: 2000, promised: true });
    assert.equal(capture.state, 'stopped');
    assert.ok((await capture.store.callTree(capture.query())).samples > 0);
  });

  it('says so where the process is not there', async () => {
    const before = (await api()).notifications.length;
    const given = { host: 'local', pid: 2 ** 22 + 1 };
    const id = await vscode.commands.executeCommand('acupoint.attachTracer', given);
    assert.equal(id, undefined);
    const { notifications } = await api();
    assert.equal(notifications.length, before + 1);
    assert.match(
      notifications.at(-1) ?? '',
      /There is no nginx worker 4194305 in the list of This machine/,
    );
  });
});
