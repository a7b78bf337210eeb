/** A recording that somebody sent, of a gateway that is on another machine or gone. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { FlameGraph } from '../fixtures/browser/flame-graph';
import { luaFunctions } from '../fixtures/browser/profile';
import { run } from '../integration/cli/command';
import { explainFailures, openScene, screenshot, type Scene } from './scene';

describe('A recording', () => {
  let scene: Scene;

  before(async () => {
    scene = await openScene();
    const { workspace, masterPid } = scene.stage.gateway;
    const out = join(workspace, 'monday.acupoint');
    const rate = ['--rate', '499', '--budget', '0', '--seconds', '3'];
    const ended = await run('record', '--master', String(masterPid), '--out', out, ...rate);
    assert.equal(ended.code, 0, ended.stderr);
  });
  after(() => scene?.end());
  explainFailures(() => scene);

  it('opens by a double click in the explorer, as a capture that has ended', async () => {
    const { stage, workbench } = scene;
    await workbench.page
      .locator('.explorer-folders-view .monaco-list-row')
      .filter({ hasText: 'monday.acupoint' })
      .dblclick();
    const graph = await FlameGraph.find(workbench);
    const hot = luaFunctions(await graph.waitForSamples(200))[0];
    assert.equal(hot?.name, stage.gateway.expected.hotFunction);
    assert.equal((await graph.record()).status?.state, 'stopped');
    await workbench.tab('monday.acupoint').waitFor();
    await workbench.statusBarItem(/recording of 20\d\d-/).waitFor();
    await screenshot(workbench, 'recording');
    const place = await graph.hover(hot.id);
    await workbench.page.mouse.click(place.x, place.y);
    await workbench.codeLenses(/% CPU/).first().waitFor();
    await screenshot(workbench, 'recording-source');
  });

  it('shows whose time it was', async () => {
    const { workbench } = scene;
    await workbench.runCommand('Acupoint: CPU by Plugin');
    const page = await workbench.webview('.owner-main');
    await page.locator('.owner-main tbody tr').filter({ hasText: 'jwt' }).waitFor();
    await screenshot(workbench, 'recording-plugins');
  });
});
