/** A host that VS Code has never met, in a light theme. */
import assert from 'node:assert/strict';
import { FlameGraph } from '../fixtures/browser/flame-graph';
import { luaFunctions } from '../fixtures/browser/profile';
import { sshAlias } from '../fixtures/stage';
import { explainFailures, openScene, screenshot, type Scene } from './scene';

describe('A first visit', () => {
  let scene: Scene;

  before(async () => {
    const settings = { 'workbench.colorTheme': 'Default Light Modern' };
    scene = await openScene({ firstVisit: true, settings });
  });
  after(() => scene?.end());
  explainFailures(() => scene);

  it('asks about the host key with the fingerprint that ssh-keygen prints', async () => {
    const { stage, workbench } = scene;
    await workbench.runCommand('Acupoint: Attach Tracer');
    await workbench.pick(sshAlias);
    const dialog = workbench.page.locator('.monaco-dialog-box');
    await dialog.waitFor();
    const text = await dialog.innerText();
    assert.ok(text.includes(stage.sshd.hostKeyFingerprint()), text);
    await screenshot(workbench, 'host-key-light');
    assert.deepEqual(stage.sshd.log().match(/Accepted publickey/g), null);
    await workbench.press('Connect and Remember');
  });

  it('lists what runs there: the server, its workers, port and CPU', async () => {
    const { stage, workbench } = scene;
    const { gateway } = stage;
    const row = workbench
      .quickRows()
      .filter({ hasText: `pid ${gateway.masterPid} ` })
      .first();
    const text = await row.innerText();
    assert.match(text, /nginx \d+\.\d+\.\d+/);
    assert.ok(text.includes(String(gateway.port)), text);
    assert.match(text, /\d+\.\d % CPU/);
    for (const pid of await gateway.workerPids()) {
      await workbench
        .quickRows()
        .filter({ hasText: `worker ${pid}` })
        .waitFor();
    }
    await screenshot(workbench, 'processes-light');
    await row.click();
  });

  it('is as readable in a light theme, and follows a change of it', async () => {
    const { stage, workbench } = scene;
    const graph = await FlameGraph.find(workbench);
    const hot = luaFunctions(await graph.waitForSamples(200))[0];
    assert.equal(hot?.name, stage.gateway.expected.hotFunction);
    const place = await graph.hover(hot.id);
    await screenshot(workbench, 'tooltip-light');
    await workbench.page.mouse.click(place.x, place.y);
    await workbench.codeLenses(/% CPU/).first().waitFor();
    await screenshot(workbench, 'attached-light');
    await workbench.runCommand('Preferences: Toggle between Light/Dark Themes');
    await workbench.page.locator('.monaco-workbench.vs-dark').waitFor();
    await screenshot(workbench, 'turned-dark');
  });
});
