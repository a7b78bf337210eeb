import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Target, api } from './target';

describe('Heap Snapshot', () => {
  let target: Target;

  before(async () => {
    target = await Target.start();
    await target.attach(99);
  });

  after(() => target.stop());

  async function take(): Promise<string> {
    const [pid] = await target.gateway.workerPids();
    await vscode.commands.executeCommand('acupoint.heapSnapshot', { pid });
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'acupoint-heap', (await api()).notifications.at(-1));
    return document.getText();
  }

  it('says who holds the memory, and what has grown since the last one', async () => {
    const first = await take();
    assert.match(first, /^prometheus +plugin +\d/m);
    assert.match(first, /^sum +[\d.]+ KB +100\.0/m);
    assert.doesNotMatch(first, /since the last snapshot/);
    assert.match(await take(), /since the last snapshot/);
  });

  it('says why where it is refused', async () => {
    await vscode.commands.executeCommand('acupoint.heapSnapshot', { pid: 4_194_303 });
    assert.match((await api()).notifications.at(-1) ?? '', /Process 4194303 is gone/);
  });
});
