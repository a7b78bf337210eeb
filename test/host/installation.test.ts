import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { api } from './target';

describe('the installation script', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'acupoint-script-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const save = (user: string, uri: vscode.Uri): Thenable<void> =>
    vscode.commands.executeCommand('acupoint.saveInstallation', { host: 'local', user, uri });

  it('is written for a user, and its checksum is told', async () => {
    const uri = vscode.Uri.file(join(folder, 'install.sh'));
    await save('nobody', uri);
    const script = readFileSync(uri.fsPath, 'utf8');
    assert.match(script, /\/opt\/acupoint/);
    const said = (await api()).notifications.at(-1) ?? '';
    const [sum] = /[0-9a-f]{64}/.exec(said) ?? [];
    assert.ok(sum !== undefined && script.includes(sum), said);
  });

  it('is refused for what is no name', async () => {
    await save('root:x', vscode.Uri.file(join(folder, 'other.sh')));
    assert.match((await api()).notifications.at(-1) ?? '', /no name that a user of Linux can have/);
  });
});
