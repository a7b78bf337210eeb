import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Capture } from '../../extension/capture/capture';
import { waitFor } from '../fixtures/wait';
import { Target, functionId, workspaceDocument } from './target';

const HANDLER = 'lua/kong/plugins/jwt/handler.lua';

describe('shares in the editor', () => {
  let target: Target;
  let capture: Capture;
  let document: vscode.TextDocument;

  before(async () => {
    target = await Target.start();
    capture = await target.attach(500);
    document = await workspaceDocument(HANDLER);
    await vscode.window.showTextDocument(document);
  });

  after(() => target.stop());

  const lenses = (of: vscode.TextDocument = document): Thenable<vscode.CodeLens[]> =>
    vscode.commands.executeCommand('vscode.executeCodeLensProvider', of.uri, 100);

  /** Lenses of ours at a line, counted from 1. */
  async function titlesAt(line: number, of = document): Promise<string[]> {
    return (await lenses(of))
      .filter((lens) => lens.range.start.line === line - 1)
      .flatMap((lens) => lens.command?.title ?? []);
  }

  function titleAt(line: number, pattern: RegExp, of = document): Promise<string> {
    return waitFor(`a lens that says ${pattern.source}`, async () =>
      (await titlesAt(line, of)).find((title) => pattern.test(title)),
    );
  }

  it('stand above the function and agree with the flame graph', async () => {
    const { hotFunction, hotFile, hotLine } = target.gateway.expected;
    // Of few samples the next second's change the share by more than what is looked for.
    const enough = () => capture.store.tallies.samples > 2000;
    await waitFor('enough samples', enough, { timeoutMs: 30_000 });
    const title = await titleAt(hotLine, /^\d+\.\d % CPU · \d+\.\d % self$/);
    const id = functionId(capture, hotFunction, hotFile);
    const tree = await capture.store.callTree(capture.query());
    let weight = 0;
    tree.functions.forEach((each, node) => {
      // The hot function calls nothing that calls it.
      if (each === id) weight += tree.total[node]!;
    });
    const share = (100 * weight) / tree.total[0]!;
    assert.ok(Math.abs(parseFloat(title) - share) <= 2, `${title}, flame graph ${share}`);
  });

  it('are live', async () => {
    const { hotLine } = target.gateway.expected;
    const title = await titleAt(hotLine, /CPU/);
    await waitFor('another share', async () => !(await titlesAt(hotLine)).includes(title));
  });

  it('find the function in the flame graph by a click', async () => {
    const { hotLine, hotFunction, hotFile } = target.gateway.expected;
    const lens = (await lenses()).find((each) => each.range.start.line === hotLine - 1);
    assert.equal(lens?.command?.command, 'acupoint.revealFunction');
    assert.deepEqual(lens.command.arguments, [
      functionId(capture, hotFunction, hotFile),
      capture.id,
    ]);
  });

  it('stand above a block of nginx.conf', async () => {
    const conf = await workspaceDocument('nginx.conf');
    await vscode.window.showTextDocument(conf);
    // The workspace's file is the template that the running one was made from.
    await titleAt(target.gateway.expected.inlineLine, /% CPU .* stale: /, conf);
    await vscode.window.showTextDocument(document);
  });

  it('are said in full by the hover', async () => {
    const { hotLine } = target.gateway.expected;
    const at = new vscode.Position(hotLine - 1, 3);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at,
    );
    const text = hovers
      .flatMap((hover) => hover.contents)
      .map((part) => (typeof part === 'string' ? part : part.value))
      .join('\n');
    assert.match(text.replaceAll('\\', ''), /stretch_key: \d+\.\d % of CPU with what it calls/);
  });

  it('are marked stale while the text is not the worker’s', async () => {
    const { hotLine } = target.gateway.expected;
    const edit = new vscode.WorkspaceEdit();
    const end = new vscode.Position(document.lineCount, 0);
    edit.insert(document.uri, end, '-- not what runs\n');
    await vscode.workspace.applyEdit(edit);
    await titleAt(hotLine, /stale: file changed since the worker loaded it, not saved$/);
    await document.save();
    await titleAt(hotLine, /stale: file differs from the worker's$/);
    await vscode.commands.executeCommand('undo');
    await titleAt(hotLine, /self$/);
    await document.save();
    await titleAt(hotLine, /self$/);
  });

  it('can be switched off, and limited', async () => {
    const { hotLine } = target.gateway.expected;
    const settings = vscode.workspace.getConfiguration('acupoint.editor');
    try {
      await settings.update('codeLens', false, true);
      await waitFor('no lens', async () => (await titlesAt(hotLine)).length === 0);
      await settings.update('codeLens', undefined, true);
      await settings.update('threshold', 100, true);
      await waitFor('no lens below it', async () => (await titlesAt(hotLine)).length === 0);
    } finally {
      await settings.update('codeLens', undefined, true);
      await settings.update('threshold', undefined, true);
    }
    await titleAt(hotLine, /CPU/);
  });

  it('stay after the tracer has stopped', async () => {
    await vscode.commands.executeCommand('acupoint.stop');
    await titleAt(target.gateway.expected.hotLine, /self$/);
  });
});
