import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Capture } from '../../extension/capture/capture';
import { waitFor } from '../fixtures/wait';
import { Target, workspaceDocument } from './target';

const HANDLER = 'lua/kong/plugins/jwt/handler.lua';

describe('Allocation Profile', () => {
  let target: Target;
  let capture: Capture;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-allocations-'));
    target = await Target.start();
    capture = await target.attach(99);
  });

  after(async () => {
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const watched = () => capture.instrument('allocations');

  const titles = async (document: vscode.TextDocument): Promise<string[]> => {
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
      100,
    );
    return lenses.flatMap(({ command }) => command?.title ?? []);
  };

  it('shows bytes in the panel, and watches them from then on', async () => {
    await vscode.commands.executeCommand('acupoint.showAllocations');
    await waitFor('the measure', () => capture.view.measure === 'allocated');
    await waitFor('allocations', () => capture.store.tallies.of('allocated').samples > 20, {
      timeoutMs: 40_000,
      describe: () => JSON.stringify(watched()),
    });
    await waitFor('the bursts', () => watched().on);
    const tree = await capture.analysis.profile.callTree(capture.query());
    assert.ok(tree.total[0]! > 0);
    const report = await capture.analysis.report(capture.query(), 'owner', 'phase');
    assert.ok(report.rows.some(({ kind, weight }) => kind === 'plugin' && weight > 0));
  });

  it('stands above functions', async () => {
    const document = await workspaceDocument(HANDLER);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside });
    await waitFor('a lens in bytes', async () =>
      (await titles(document)).some((title) => /% of bytes · .*≈ [\d.]+ [KM]?B/.test(title)),
    );
  });

  it('is exported in bytes', async () => {
    const uri = vscode.Uri.file(join(folder, 'x.speedscope.json'));
    await vscode.commands.executeCommand('acupoint.exportProfile', { uri });
    const file = JSON.parse(await readFile(uri.fsPath, 'utf8')) as {
      name: string;
      profiles: { unit: string }[];
    };
    assert.equal(file.profiles[0]!.unit, 'bytes');
    assert.match(file.name, /, allocations$/);
  });

  it('ends with the panel, and what was seen stays', async () => {
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const panels = tabs.filter(({ label }) => label.startsWith('Flame graph'));
    await vscode.window.tabGroups.close(panels);
    await waitFor('the end of the bursts', () => !watched().wanted);
    assert.equal(capture.view.measure, 'cpu');
    await waitFor('the last word of the bursts', () => !watched().on);
    const document = await workspaceDocument(HANDLER);
    await vscode.window.showTextDocument(document);
    await waitFor('bytes beside CPU time', async () =>
      (await titles(document)).some((title) => /% CPU · .* · ≈ [\d.]+ [KM]?B/.test(title)),
    );
  });
});
