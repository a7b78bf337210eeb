import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { waitFor } from '../fixtures/wait';
import { Target, api, foreignFunctionId, isAlive } from './target';

describe('when things go wrong', () => {
  let target: Target;

  beforeEach(async () => {
    target = await Target.start();
  });

  afterEach(() => target.stop());

  it('keeps what was captured when the probe is killed', async () => {
    const capture = await target.attach();
    process.kill(capture.link.probe?.probePid ?? 0, 'SIGKILL');
    await waitFor('the end to be noticed', () => capture.state === 'failed');
    assert.notEqual(capture.message, '');
    assert.equal((await api()).notifications.at(-1), capture.message);
    assert.ok((await capture.store.callTree(capture.query())).samples >= 200);
    assert.match((await api()).statusText, /tracer ended/);
  });

  it('goes on in the same profile after VS Code stood still', async () => {
    const capture = await target.attach();
    const first = capture.link.probe?.probePid;
    // An extension that computes without a pause does this.
    const end = performance.now() + 2500;
    while (performance.now() < end);
    await waitFor('another trace', () => capture.message.includes('stood still'));
    assert.notEqual(capture.link.probe?.probePid, first);
    const { samples } = capture.store.tallies;
    await waitFor('more samples', () => capture.store.tallies.samples > samples + 50);
    assert.equal(capture.state, 'running');
    const keys = capture.store.functions.map(({ name, file, line }) => `${name} ${file} ${line}`);
    assert.equal(new Set(keys).size, keys.length, 'functions stand once');
    assert.equal(isAlive(first ?? 0), false);
  });

  it('ends with a reason when the worker is gone for good', async () => {
    const capture = await target.attach();
    process.kill(target.gateway.masterPid, 'SIGTERM');
    await waitFor('the end', () => capture.state === 'stopped' || capture.state === 'failed');
    assert.notEqual(capture.message, '');
    assert.ok((await capture.store.callTree(capture.query())).samples >= 200);
  });

  it('traces one worker twice at once', async () => {
    const first = await target.attach();
    const second = await target.attach();
    assert.notEqual(first.id, second.id);
    await first.stop();
    const samples = second.store.tallies.samples;
    await waitFor('the second to go on', () => second.store.tallies.samples > samples + 20);
    assert.equal(isAlive(first.link.probe?.probePid ?? 0), false);
  });

  it('lets go of a profile that is over when its tab is closed', async () => {
    const capture = await target.attach();
    await vscode.commands.executeCommand('acupoint.stop');
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await waitFor('the end of the capture', async () => {
      const { captures } = await api();
      return !captures.includes(capture);
    });
  });

  it('goes on tracing when the tab is closed', async () => {
    const capture = await target.attach();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const samples = capture.store.tallies.samples;
    await waitFor('more samples', () => capture.store.tallies.samples > samples + 20);
    assert.equal((await api()).active, capture);
  });

  it('shows files that were read before the end, after it', async () => {
    const capture = await target.attach(1000);
    const id = foreignFunctionId(capture);
    const uri = (await (await api()).openSource(id))?.document.uri;
    assert.ok(uri);
    await vscode.commands.executeCommand('acupoint.stop');
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const shown = tabs.filter(
      (tab) =>
        tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString(),
    );
    await vscode.window.tabGroups.close(shown);
    const again = await (await api()).openSource(id);
    assert.equal(again?.document.uri.toString(), uri.toString());
    assert.match(again.document.getText(), /function/);
  });
});
