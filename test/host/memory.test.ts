import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Capture } from '../../extension/capture/capture';
import { waitFor } from '../fixtures/wait';
import { Target } from './target';

describe('Memory of Workers', () => {
  let target: Target;
  let capture: Capture;

  before(async () => {
    target = await Target.start();
    capture = await target.attach(99);
  });

  after(() => target.stop());

  it('keeps how the memory of each worker goes, and what the workers share', async () => {
    const pids = await target.gateway.workerPids();
    await waitFor('some seconds of memory', () =>
      capture.memory.history.pids.some((pid) => capture.memory.history.of(pid).length >= 3),
    );
    assert.ok(capture.memory.history.pids.every((pid) => pids.includes(pid)));
    const points = capture.memory.history.of(capture.memory.history.pids[0]!);
    assert.ok(points.every(({ rssAnon, gcTotal }) => rssAnon > gcTotal && gcTotal > 0));
    assert.ok(Math.abs(points.at(-1)!.atMs - Date.now()) < 10_000);
    assert.equal(capture.memory.zones?.missing, '');
  });

  it('opens in the tab of the capture', async () => {
    await vscode.commands.executeCommand('acupoint.showMemory');
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.ok(tabs.some(({ label }) => label.startsWith('Flame graph')));
  });

  it('forgets with the profile', () => {
    capture.reset();
    assert.deepEqual(capture.memory.history.pids, []);
  });
});
