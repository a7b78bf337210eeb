import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Capture } from '../../extension/capture/capture';
import { waitFor } from '../fixtures/wait';
import { Target, api, foreignFunctionId, functionId } from './target';

describe('opening a frame', () => {
  let target: Target;
  let capture: Capture;

  before(async () => {
    target = await Target.start();
    capture = await target.attach(1000);
  });

  after(() => target.stop());

  async function open(id: number, line = 0): Promise<vscode.TextEditor> {
    const editor = await (await api()).openSource(id, line);
    assert.ok(editor, 'nothing was opened');
    return editor;
  }

  const cursor = (editor: vscode.TextEditor): number => editor.selection.active.line + 1;

  it('finds the file in the workspace by its longest suffix', async () => {
    const { hotFunction, hotFile, hotLine } = target.gateway.expected;
    const editor = await open(functionId(capture, hotFunction, hotFile));
    assert.match(editor.document.uri.path, /\/lua\/kong\/plugins\/jwt\/handler\.lua$/);
    assert.ok(vscode.workspace.getWorkspaceFolder(editor.document.uri));
    assert.equal(cursor(editor), hotLine);
    assert.match(editor.document.lineAt(hotLine - 1).text, new RegExp(hotFunction));
  });

  it('goes to the line that was asked for', async () => {
    const { hotFunction, hotFile, hotLine } = target.gateway.expected;
    const id = functionId(capture, hotFunction, hotFile);
    assert.equal(cursor(await open(id, hotLine + 5)), hotLine + 5);
  });

  it('maps a block to its line in nginx.conf', async () => {
    const { inlineLine } = target.gateway.expected;
    const index = capture.store.functions.findIndex((each) =>
      each.file.startsWith('=access_by_lua('),
    );
    const editor = await open(index + 1, 4);
    assert.match(editor.document.uri.path, /\/nginx\.conf$/);
    assert.equal(cursor(editor), inlineLine + 3);
    assert.match(editor.document.lineAt(inlineLine - 1).text, /access_by_lua_block/);
  });

  it('reads from the target what is not in the workspace, read-only', async () => {
    const id = foreignFunctionId(capture);
    const { document, selection } = await open(id);
    assert.equal(document.uri.scheme, 'acupoint-target');
    assert.equal(document.languageId, 'lua');
    const { line } = capture.store.functions[id - 1]!;
    assert.equal(selection.active.line + 1, line);
    assert.match(document.lineAt(line - 1).text, /function/);
    assert.equal(vscode.workspace.fs.isWritableFileSystem(document.uri.scheme) ?? false, false);
  });

  it('opens a chunk whose text is its name as that text', async () => {
    const index = capture.store.functions.findIndex((each) => each.file.startsWith('local total'));
    assert.ok(index >= 0);
    const { document } = await open(index + 1);
    assert.match(document.getText(), /every request runs this little text/);
    assert.equal(document.languageId, 'lua');
  });

  it('opens nothing for what has no source', async () => {
    const index = capture.store.functions.findIndex((each) => each.file === '');
    assert.ok(index >= 0);
    assert.equal(await (await api()).openSource(index + 1), undefined);
  });

  it('leaves the flame graph where it is', async () => {
    await vscode.commands.executeCommand('acupoint.showFlameGraph');
    const isPanel = (tab: vscode.Tab | undefined): boolean =>
      tab?.input instanceof vscode.TabInputWebview && tab.input.viewType.endsWith('flameGraph');
    const panel = await waitFor('the panel', () =>
      vscode.window.tabGroups.all.find((group) => isPanel(group.activeTab)),
    );
    const { hotFunction, hotFile } = target.gateway.expected;
    const id = functionId(capture, hotFunction, hotFile);
    await vscode.commands.executeCommand('workbench.action.closeEditorsInOtherGroups');
    const editor = await (await api()).openSource(id, 0, panel.viewColumn);
    assert.ok(editor?.viewColumn !== undefined && editor.viewColumn !== panel.viewColumn);
    const group = vscode.window.tabGroups.all.find((each) => each.viewColumn === panel.viewColumn);
    assert.ok(isPanel(group?.activeTab));
    assert.ok(group?.isActive, 'the keyboard left the panel');
  });

  it('follows the setting acupoint.sourceMap', async () => {
    const settings = vscode.workspace.getConfiguration('acupoint');
    const luaRoot = target.gateway.luaRoot;
    await settings.update('sourceMap', { [`${luaRoot}/kong/plugins`]: 'lua/kong/pdk' }, true);
    try {
      const { hotFunction, hotFile } = target.gateway.expected;
      const id = functionId(capture, hotFunction, hotFile);
      // The folder has no such file: the mapping is followed, and the failure is no dialog.
      assert.equal(await (await api()).openSource(id), undefined);
      await settings.update('sourceMap', { [luaRoot]: 'lua' }, true);
      const editor = await open(id);
      assert.match(editor.document.uri.path, /\/lua\/kong\/plugins\/jwt\/handler\.lua$/);
    } finally {
      await settings.update('sourceMap', undefined, true);
    }
  });
});
