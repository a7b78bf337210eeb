import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Capture } from '../../extension/capture/capture';
import { waitFor } from '../fixtures/wait';
import { Target, workspaceDocument } from './target';

const PLUGINS = 'lua/kong/plugins';

describe('CPU by Plugin', () => {
  let target: Target;
  let capture: Capture;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-plugins-'));
    target = await Target.start();
    capture = await target.attach(500);
  });

  after(async () => {
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function pluginLens(name: string): Promise<vscode.CodeLens> {
    const document = await workspaceDocument(`${PLUGINS}/${name}/handler.lua`);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
    return waitFor(`the lens of ${name}`, async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        document.uri,
        100,
      );
      return lenses.find((lens) => lens.command?.title.startsWith(`plugin ${name}: `));
    });
  }

  it('opens, and its command is there', async () => {
    await vscode.commands.executeCommand('acupoint.showOwners');
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.ok(tabs.some(({ label }) => label.startsWith('Flame graph')));
  });

  it('stands above the handler of a plugin, with its share', async () => {
    const lens = await pluginLens('jwt');
    const share = parseFloat(lens.command?.title.split(': ')[1] ?? '');
    const report = await capture.analysis.report(capture.query(), 'owner', 'phase');
    const row = report.rows.find(({ name }) => name === 'jwt')!;
    const known = (100 * row.weight) / report.weight;
    assert.ok(Math.abs(share - known) < 2, `${share} of ${known}`);
    assert.deepEqual(lens.command?.arguments, ['jwt', capture.id]);
  });

  it('leaves only a plugin in the flame graph, the editor and exports', async () => {
    const { command } = await pluginLens('jwt');
    const whole = await capture.analysis.profile.functionTable(capture.query());
    await vscode.commands.executeCommand(command!.command, ...(command!.arguments as unknown[]));
    assert.deepEqual(capture.analysis.focusedOn, { by: 'owner', name: 'jwt', kind: 'plugin' });
    const part = await capture.analysis.profile.functionTable(capture.query());
    assert.ok(part.functions.length < whole.functions.length);
    const uri = vscode.Uri.file(join(folder, 'jwt.folded'));
    await vscode.commands.executeCommand('acupoint.exportProfile', { uri });
    const lines = (await readFile(uri.fsPath, 'utf8')).trim().split('\n');
    assert.ok(lines.length > 0);
    for (const line of lines) assert.ok(line.includes('plugins/jwt/handler.lua'), line);

    const other = await workspaceDocument(`${PLUGINS}/prometheus/handler.lua`);
    await vscode.window.showTextDocument(other);
    await waitFor('no function of another plugin', async () => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
        'vscode.executeCodeLensProvider',
        other.uri,
        100,
      );
      return lenses.every((lens) => lens.command?.command !== 'acupoint.revealFunction');
    });
    capture.focus(undefined);
  });

  it('groups by the rules of the settings', async () => {
    const settings = vscode.workspace.getConfiguration('acupoint');
    const rules = [{ name: 'auth', pattern: 'kong/plugins/(jwt|key-auth)/' }];
    try {
      await settings.update('grouping', rules, true);
      const names = await waitFor('the group', async () => {
        const { rows } = await capture.analysis.report(capture.query(), 'owner', 'phase');
        const all = rows.map(({ name }) => name);
        return all.includes('auth') && all;
      });
      assert.ok(!names.includes('jwt'));
    } finally {
      await settings.update('grouping', undefined, true);
    }
  });
});
