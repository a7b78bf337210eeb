/** A window that is reloaded while it captures. */
import assert from 'node:assert/strict';
import { FlameGraph } from '../fixtures/browser/flame-graph';
import { luaFunctions } from '../fixtures/browser/profile';
import { Workbench } from '../fixtures/browser/workbench';
import { sshAlias } from '../fixtures/stage';
import { waitFor } from '../fixtures/wait';
import { explainFailures, openScene, screenshot, type Scene } from './scene';

describe('A window that is reloaded', () => {
  let scene: Scene;

  before(async () => {
    scene = await openScene();
  });
  after(() => scene?.end());
  explainFailures(() => scene);

  it('attaches to the known host whose name was begun', async () => {
    const { stage, workbench } = scene;
    await workbench.runCommand('Acupoint: Attach Tracer');
    await workbench.quickRows().filter({ hasText: sshAlias }).waitFor();
    await workbench.page.keyboard.type(sshAlias.slice(0, -2));
    await workbench
      .quickRows()
      .filter({ hasText: 'Connect over SSH' })
      .filter({ hasText: sshAlias.slice(0, -2) })
      .first()
      .waitFor();
    await workbench.page.keyboard.press('Enter');
    const row = workbench.quickRows().filter({ hasText: `pid ${stage.gateway.masterPid} ` });
    await row.first().click();
    await (await FlameGraph.find(workbench)).waitForSamples(300);
  });

  it('shows the capture again, and attaches to the same process again', async () => {
    const { stage, workbench } = scene;
    const { page } = workbench;
    // Kept every few seconds.
    const graph = await FlameGraph.find(workbench);
    const known = async () => (await graph.record()).status?.kept !== undefined;
    await waitFor('the page to know its file', known, { timeoutMs: 60_000 });
    const again = await Workbench.open(page, stage.url);
    const restored = await FlameGraph.find(again);
    const hot = luaFunctions(await restored.waitForSamples(50))[0];
    assert.equal(hot?.name, stage.gateway.expected.hotFunction);
    const { status } = await restored.record();
    assert.equal(status?.state, 'stopped');
    assert.match(status.message, /The window was reloaded/);
    await screenshot(again, 'reloaded');
    const view = await again.webview('.toolbar');
    await view.getByRole('button', { name: 'Attach again' }).click();
    await waitFor('the same trace', async () => {
      const graphs = await FlameGraph.find(again);
      return (await graphs.record()).status?.state === 'running';
    });
  });
});
