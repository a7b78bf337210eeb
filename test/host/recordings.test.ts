import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Capture } from '../../extension/capture/capture';
import { sinceStart } from '../../extension/profile/store';
import { waitFor } from '../fixtures/wait';
import { api, functionId, Target } from './target';

describe('Recordings', () => {
  let target: Target;
  let folder: string;
  let file: vscode.Uri;
  let live: Capture;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-recordings-'));
    file = vscode.Uri.file(join(folder, 'day.acupoint'));
    target = await Target.start();
    live = await target.attach(500);
    const [pid] = await target.gateway.workerPids();
    await vscode.commands.executeCommand('acupoint.heapSnapshot', { pid });
    await vscode.commands.executeCommand('acupoint.stop');
    await vscode.commands.executeCommand('acupoint.saveRecording', { uri: file });
  });

  after(async () => {
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Resolves with the capture that is open and was not before. */
  async function opened(open: () => Thenable<unknown>): Promise<Capture> {
    const before = new Set((await api()).captures);
    await open();
    return waitFor('the recording', async () => {
      const { active, captures } = await api();
      return captures.find((each) => each === active && !before.has(each));
    });
  }

  const report = (capture: Capture) => capture.analysis.report(sinceStart, 'owner', 'phase');

  it('open by the command as what they were, without the gateway', async () => {
    await waitFor('the end', () => live.state === 'stopped');
    const command = () => vscode.commands.executeCommand('acupoint.openRecording', { uri: file });
    const capture = await opened(command);
    assert.equal(capture.state, 'stopped');
    assert.equal(capture.targetName, live.targetName);
    assert.deepEqual(await report(capture), await report(live));
    assert.deepEqual(await capture.store.callTree(), await live.store.callTree());
    assert.deepEqual(capture.requests(), live.requests());
    assert.match((await api()).statusText, /\$\(archive\).* recording of 20\d\d-.* samples/);
    const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
    assert.ok(tab?.input instanceof vscode.TabInputCustom, 'no custom editor');
    assert.equal(tab.label, 'day.acupoint');
    await waitFor('a flame graph', () => capture.timings.summary().firstPaintMs !== undefined);
  });

  it('lead to the source in the workspace', async () => {
    const { hotFunction, hotFile, hotLine } = target.gateway.expected;
    const acupoint = await api();
    const id = functionId(acupoint.active!, hotFunction, hotFile);
    const editor = await acupoint.openSource(id, hotLine);
    assert.ok(editor, 'no source');
    assert.ok(editor.document.uri.path.endsWith(hotFile));
    const lenses = await waitFor('lenses', async () => {
      const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        editor.document.uri,
        100,
      );
      return found.length > 0 && found;
    });
    assert.ok(lenses.some((lens) => /% CPU/.test(lens.command?.title ?? '')));
  });

  it('show the heap that was taken', async () => {
    const capture = (await api()).active;
    const pid = capture?.recorded?.heaps[0]?.pid;
    await vscode.commands.executeCommand('acupoint.heapSnapshot');
    const active = () => vscode.window.tabGroups.activeTabGroup.activeTab;
    await waitFor('its tab', () => active()?.label === `Heap: worker ${pid}`);
    const document = await waitFor('its text', async () => {
      await vscode.commands.executeCommand('acupoint.heapText');
      const shown = vscode.window.activeTextEditor?.document;
      return shown?.uri.scheme === 'acupoint-heap' && shown;
    });
    assert.match(document.getText(), /^prometheus +plugin +\d/m);
  });

  it('are exported as captures are', async () => {
    const uri = vscode.Uri.file(join(folder, 'day.folded'));
    await vscode.commands.executeCommand('acupoint.exportProfile', { uri });
    const folded = await readFile(uri.fsPath, 'utf8');
    assert.ok(folded.includes(`${target.gateway.expected.hotFunction} (`));
  });

  it('are gone with their tab, and open by a double click', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await waitFor('the recording to go', async () =>
      (await api()).captures.every((each) => each.recorded === undefined),
    );
    // The explorer does this on a double click, and the editor with a file that is dropped.
    const capture = await opened(() => vscode.commands.executeCommand('vscode.open', file));
    assert.ok(capture.recorded);
    assert.deepEqual(await report(capture), await report(live));
  });

  it('open up to where they were cut', async () => {
    const cut = vscode.Uri.file(join(folder, 'cut.acupoint'));
    const bytes = await readFile(file.fsPath);
    await writeFile(cut.fsPath, bytes.subarray(0, bytes.length - 40));
    const capture = await opened(() => vscode.commands.executeCommand('vscode.open', cut));
    assert.ok(capture.store.tallies.samples > 0);
    assert.match(capture.message, /damaged/);
  });
});
