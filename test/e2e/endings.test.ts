/** However it ends, nothing is left on the host after two seconds. */
import assert from 'node:assert/strict';
import { attachByHand, type Attached } from '../fixtures/journey';
import { sshAlias } from '../fixtures/stage';
import { tracesBelow, waitUntilGone, type Traces } from '../fixtures/traces';
import type { Workbench } from '../fixtures/browser/workbench';
import { waitFor } from '../fixtures/wait';
import { explainFailures, openScene, type Scene } from './scene';

const LIMIT_MS = 2000;

describe('An end without a goodbye', () => {
  let scene: Scene;

  before(async () => {
    scene = await openScene();
  });
  after(() => scene?.end());
  explainFailures(() => scene);

  async function attach(workbench: Workbench): Promise<Attached> {
    const attached = await attachByHand(workbench, {
      host: sshAlias,
      masterPid: scene.stage.gateway.masterPid,
    });
    await attached.flameGraph.waitForSamples(50);
    return attached;
  }

  async function traces(probes: number): Promise<Traces> {
    const found = await tracesBelow(scene.stage.sshd.connections());
    // Each is a reader and its keeper.
    assert.equal(found.pids.length, 2 * probes);
    assert.ok(found.programs.length >= probes);
    return found;
  }

  it('leaves nothing of a connection that is cut, and goes on over another', async () => {
    const { flameGraph } = await attach(scene.workbench);
    const left = await traces(1);
    scene.stage.sshd.cut();
    await waitUntilGone(left, LIMIT_MS);
    await waitFor('another probe', async () => {
      const found = await tracesBelow(scene.stage.sshd.connections());
      return found.pids.length === 2;
    });
    await scene.workbench.runCommand('Acupoint: Stop Tracer');
    const { tree } = await flameGraph.waitForState('stopped');
    assert.ok((tree?.samples ?? 0) >= 50);
  });

  it('lets two windows look at one worker, each ending by itself', async () => {
    const second = await scene.openWindow();
    const attached = [await attach(scene.workbench), await attach(second)];
    const both = await traces(2);
    await second.runCommand('Acupoint: Stop Tracer');
    await attached[1]?.flameGraph.waitForState('stopped');
    await waitFor('one of the probes to end', async () => {
      const found = await tracesBelow(scene.stage.sshd.connections());
      return found.pids.length === 2;
    });
    assert.equal(both.pids.length, 4);
    await second.page.close();
  });

  it('leaves nothing when the extension host is killed', async () => {
    const left = await traces(1);
    const hosts = await scene.stage.code.extensionHosts();
    assert.ok(hosts.length > 0);
    for (const pid of hosts) process.kill(pid, 'SIGKILL');
    await waitUntilGone(left, LIMIT_MS);
  });
});
