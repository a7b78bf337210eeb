/** A gateway under load, traced by the extension that runs here: what the suites begin with. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { AcupointApi } from '../../extension/api';
import type { Capture } from '../../extension/capture/capture';
import { startGateway, type Gateway } from '../fixtures/gateway/start';
import { startLoad, type Load } from '../fixtures/gateway/load';
import { waitFor } from '../fixtures/wait';

export async function api(): Promise<AcupointApi> {
  const extension = vscode.extensions.getExtension<AcupointApi>('acupoint.acupoint');
  assert.ok(extension, 'the extension is not there');
  return extension.activate();
}

export class Target {
  private constructor(
    readonly gateway: Gateway,
    private readonly load: Load,
  ) {}

  static async start(workers = 1): Promise<Target> {
    const gateway = await startGateway({ workers });
    return new Target(gateway, startLoad(gateway.port));
  }

  /** Attaches by arguments, as a keybinding does, and waits for so many samples. */
  async attach(samples = 200): Promise<Capture> {
    const given = { host: 'local', master: this.gateway.masterPid, rateHz: 499 };
    const id = await vscode.commands.executeCommand<number>('acupoint.attachTracer', given);
    const { captures, notifications } = await api();
    const capture = captures.find((each) => each.id === id);
    assert.ok(capture, `not attached: ${notifications.join(' ')}`);
    await waitFor('samples', () => capture.store.tallies.samples >= samples, {
      timeoutMs: 20_000,
      describe: () => `${capture.state} ${capture.message}`,
    });
    return capture;
  }

  async stop(): Promise<void> {
    await vscode.commands.executeCommand('acupoint.stop');
    await this.load.stop();
    await this.gateway.stop();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  }
}

/** The id of a function by its name and the end of its file. */
export function functionId(capture: Capture, name: string, fileEnd: string): number {
  const index = capture.store.functions.findIndex(
    (each) => each.name === name && each.file.endsWith(fileEnd),
  );
  assert.ok(index >= 0, `no function ${name} in ${fileEnd}`);
  return index + 1;
}

/**
 * The id of a function whose file is on the target only: one of those that nginx's own Lua brings.
 */
export function foreignFunctionId(capture: Capture): number {
  const index = capture.store.functions.findIndex(
    (each) => each.line > 0 && /^@\/.*\/resty\/core\/\w+\.lua$/.test(each.file),
  );
  assert.ok(index >= 0, 'no function of resty.core took part');
  return index + 1;
}

/** A document of the workspace that the test window has open. */
export async function workspaceDocument(path: string): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, path));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
