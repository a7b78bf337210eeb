import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Profile } from 'pprof-format';
import * as vscode from 'vscode';
import { Target, api } from './target';

describe('Export Profile', () => {
  let target: Target;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'acupoint-export-'));
    target = await Target.start();
    await target.attach(500);
    await vscode.commands.executeCommand('acupoint.stop');
  });

  after(async () => {
    await target.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function save(name: string): Promise<Buffer> {
    const uri = vscode.Uri.file(join(folder, name));
    await vscode.commands.executeCommand('acupoint.exportProfile', { uri });
    return readFile(uri.fsPath);
  }

  it('writes folded stacks', async () => {
    const { hotFunction, hotFile, hotLine } = target.gateway.expected;
    const text = (await save('a.folded')).toString();
    assert.ok(text.includes(`${hotFunction} (`));
    assert.match(text, new RegExp(`${hotFile}:${hotLine}\\)`));
    const capture = (await api()).active;
    const samples = text
      .trim()
      .split('\n')
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    // Exactly as many, unless samples stood for more or less than their period for a while.
    const taken = capture?.store.tallies.samples ?? 0;
    assert.ok(Math.abs(samples / taken - 1) < 0.1, `${samples} of ${taken}`);
  });

  it('writes speedscope', async () => {
    const file = JSON.parse((await save('a.speedscope.json')).toString()) as {
      shared: { frames: { name: string }[] };
    };
    const { hotFunction } = target.gateway.expected;
    assert.ok(file.shared.frames.some((frame) => frame.name.startsWith(hotFunction)));
  });

  it('writes pprof', async () => {
    const profile = Profile.decode(gunzipSync(await save('a.pb.gz')));
    assert.ok(profile.sample.length > 0);
    const { hotFunction } = target.gateway.expected;
    assert.ok(profile.stringTable.strings.some((text) => text.startsWith(hotFunction)));
  });

  it('says so where the ending names no format', async () => {
    const uri = vscode.Uri.file(join(folder, 'a.txt'));
    await vscode.commands.executeCommand('acupoint.exportProfile', { uri });
    assert.match((await api()).notifications.at(-1) ?? '', /must end in one of/);
  });
});
