import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { waitFor } from '../fixtures/wait';
import { Target, api } from './target';

describe('Heap Snapshot', () => {
  let target: Target;
  let pid: number;

  before(async () => {
    target = await Target.start();
    await target.attach(99);
    [pid] = (await target.gateway.workerPids()) as [number];
  });

  after(() => target.stop());

  const active = () => vscode.window.tabGroups.activeTabGroup.activeTab;
  const inFront = (name: string) =>
    waitFor(`${name} in front`, () => active()?.label === name, {
      describe: () => String(active()?.label),
    });
  const take = () => vscode.commands.executeCommand('acupoint.heapSnapshot', { pid });

  /** The tab in front, as text. */
  async function asText(name: string): Promise<string> {
    const document = await waitFor(name, async () => {
      await vscode.commands.executeCommand('acupoint.heapText');
      const shown = vscode.window.activeTextEditor?.document;
      return shown?.uri.path.startsWith(`/${name}`) === true && shown;
    });
    assert.equal(document.uri.scheme, 'acupoint-heap');
    return document.getText();
  }

  it('opens a tab of the worker, and the same as text', async () => {
    await take();
    await inFront(`Heap: worker ${pid}`);
    const input = active()?.input;
    assert.ok(input instanceof vscode.TabInputWebview, (await api()).notifications.at(-1));
    assert.match(input.viewType, /acupoint\.heap$/);
    const text = await asText(`Heap of worker ${pid} (1)`);
    assert.match(text, /^prometheus +plugin +\d/m);
    assert.match(text, /^sum +[\d.]+ [KM]B +100\.0/m);
    assert.doesNotMatch(text, /since the last snapshot/);
  });

  it('shows a second one in the same tab, and what has grown since', async () => {
    await take();
    await inFront(`Heap: worker ${pid}`);
    await vscode.commands.executeCommand('acupoint.heapCompare');
    const text = await asText(`Heap of worker ${pid} (3 since 2)`);
    assert.match(text, /since the last snapshot/);
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    assert.equal(tabs.filter(({ label }) => label === `Heap: worker ${pid}`).length, 1);
  });

  it('says why where it is refused', async () => {
    await vscode.commands.executeCommand('acupoint.heapSnapshot', { pid: 4_194_303 });
    assert.match((await api()).notifications.at(-1) ?? '', /Process 4194303 is gone/);
  });
});
