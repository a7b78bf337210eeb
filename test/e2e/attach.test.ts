/** The packaged extension over real SSH against a real nginx, as a user meets it: from the palette to the Lua line. */
import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FlameGraph } from '../fixtures/browser/flame-graph';
import { luaFunctions, type FunctionShare, type PageRecord } from '../fixtures/browser/profile';
import type { Workbench } from '../fixtures/browser/workbench';
import { attachByHand } from '../fixtures/journey';
import { sshAlias } from '../fixtures/stage';
import { tracesBelow, waitUntilGone } from '../fixtures/traces';
import { waitFor } from '../fixtures/wait';
import { explainFailures, openScene, screenshot, type Scene } from './scene';

const SHARE = /^(\d+\.\d) % CPU/;

/**
 * Of the first function that has one, in percent. VS Code empties a lens while it draws it again.
 */
function shareAbove(workbench: Workbench): Promise<string> {
  const lens = workbench.codeLenses(SHARE).first();
  return waitFor('a share above a function', async () => SHARE.exec(await lens.innerText())?.[1]);
}

describe('Attach Tracer, from the palette to the Lua line', () => {
  let scene: Scene;
  let graph: FlameGraph;
  let record: PageRecord;
  let hot: FunctionShare;

  before('attach by hand', async () => {
    scene = await openScene();
    const { stage, workbench } = scene;
    const attached = await attachByHand(workbench, {
      host: sshAlias,
      masterPid: stage.gateway.masterPid,
    }).catch(async (error: unknown) => {
      await scene.explain('attach');
      throw error;
    });
    graph = attached.flameGraph;
    record = await graph.waitForSamples(500, 90_000);
    assert.ok(record.paintedAt > attached.chosenAt);
  });
  after(() => scene?.end());
  explainFailures(() => scene);

  it('samples the workers that were chosen with BPF', async () => {
    const { status } = record;
    assert.ok(status);
    assert.equal(status.state, 'running');
    assert.equal(status.sampler, 'BPF');
    assert.deepEqual(status.pids, await scene.stage.gateway.workerPids());
  });

  it('finds the function that the load makes hot, at its line', () => {
    const { expected, luaRoot } = scene.stage.gateway;
    const first = luaFunctions(record)[0];
    assert.ok(first);
    hot = first;
    assert.equal(hot.name, expected.hotFunction);
    assert.equal(hot.file, join(luaRoot, expected.hotFile));
    assert.equal(hot.line, expected.hotLine);
    assert.equal(hot.lastLine, expected.hotLastLine);
    assert.ok(hot.total > 0.25, `only ${hot.total} of all samples`);
  });

  it('recovers the Lua stack of all but one in a hundred samples', () => {
    const { samples, lua } = record.status ?? assert.fail('no status');
    assert.ok(lua.samples > samples * 0.4, `Lua in ${lua.samples} of ${samples}`);
    assert.ok(lua.unknown <= samples * 0.01, `${lua.unknown} of ${samples} without a stack`);
  });

  it('shows kernel and Lua frames in one stack', () => {
    const { tree } = record;
    assert.ok(tree);
    const kernelUnderLua = tree.kinds.some((kind, node) => {
      let at = tree.parents[node] ?? -1;
      while (kind === 1 && at > 0) {
        if ([3, 4].includes(tree.kinds[at] ?? 0)) return true;
        at = tree.parents[at] ?? -1;
      }
      return false;
    });
    assert.ok(kernelUnderLua, 'no kernel frame on top of a Lua frame');
  });

  it('opens the source at a click and keeps the panel in its place', async () => {
    const { workbench, stage } = scene;
    const place = await graph.hover(hot.id);
    await workbench.page.mouse.click(place.x, place.y);
    const { hotLine, hotLastLine } = stage.gateway.expected;
    await workbench.tab('handler.lua').first().waitFor();
    await waitFor('the editor to stand in the function', async () => {
      const line = await workbench.currentLine();
      return line >= hotLine && line <= hotLastLine;
    });
    assert.ok(await graph.frame.locator('canvas').first().isVisible());
  });

  it('shows the share above the function as the flame graph does', async () => {
    const { workbench } = scene;
    const shown = await shareAbove(workbench);
    const now = luaFunctions(await graph.record()).find(({ id }) => id === hot.id);
    assert.ok(now);
    const difference = Math.abs(Number(shown) - now.total * 100);
    assert.ok(difference <= 2, `${shown} against ${(now.total * 100).toFixed(1)} %`);
    await screenshot(workbench, 'attached-dark');
  });

  it('keeps the share above the function live', async () => {
    const before = await shareAbove(scene.workbench);
    await waitFor('another share', async () => (await shareAbove(scene.workbench)) !== before, {
      timeoutMs: 30_000,
    });
  });

  it('marks a file that was edited since the worker loaded it', async () => {
    const { workbench, stage } = scene;
    const file = join(stage.gateway.workspace, stage.gateway.expected.hotFile);
    await appendFile(file, '\n-- edited\n');
    await workbench.codeLenses(/stale/).first().waitFor();
  });

  it('opens the block in nginx.conf that a frame came from', async () => {
    const { workbench, stage } = scene;
    const rows = luaFunctions(await graph.record());
    const block = rows.find(({ file }) => file.startsWith('access_by_lua(nginx.conf:'));
    assert.ok(block, rows.map(({ file }) => file).join(' '));
    const place = await graph.hover(block.id);
    await workbench.page.mouse.click(place.x, place.y);
    await workbench.tab('nginx.conf').first().waitFor();
    const { inlineLine } = stage.gateway.expected;
    await waitFor('the editor to stand in the block', async () => {
      const line = await workbench.currentLine();
      return line >= inlineLine && line <= inlineLine + 8;
    });
  });

  it('says in the status bar what it does and what it costs', async () => {
    const item = scene.workbench.statusBarItem(sshAlias).first();
    const text = await item.innerText();
    assert.match(text, /1 worker/);
    assert.match(text, /\d+ samples\/s/);
    assert.match(text, /probe \d+\.\d\d \+ kernel \d+\.\d\d % CPU/);
  });

  it('follows the workers through a reload', async () => {
    const fresh = await scene.stage.gateway.reload();
    const followed = await waitFor('the new workers to be traced', async () => {
      const { status } = await graph.record();
      return status !== null && fresh.every((pid) => status.pids.includes(pid)) && status;
    });
    await graph.waitForSamples(followed.samples + 100);
  });

  it('shows how long requests take, where they block and wait, and the compiler of each VM', async () => {
    const { stage, workbench } = scene;
    const show = async (command: string, name: string, text: string, shown: RegExp) => {
      await workbench.runCommand(`Acupoint: ${command}`);
      const told = graph.frame.locator(text).first();
      const fits = async () => (await told.isVisible()) && shown.test(await told.innerText());
      await waitFor(`${command} of the gateway`, fits, { timeoutMs: 30_000, everyMs: 200 });
      await screenshot(workbench, `${name}-live-dark`);
      await workbench.runCommand('Preferences: Toggle between Light/Dark Themes');
      await workbench.page.locator('.monaco-workbench.vs').waitFor();
      await screenshot(workbench, `${name}-live-light`);
      await workbench.runCommand('Preferences: Toggle between Light/Dark Themes');
      await workbench.page.locator('.monaco-workbench.vs-dark').waitFor();
    };
    await show('Latency of Requests', 'latency', '.latency tbody', /\/\S+\s+[\d,]{2,}/);
    const pid = (await stage.gateway.workerPids())[0];
    await show('JIT Compiler', 'jit', '.jit-part tbody', new RegExp(`${pid}\\s+[\\d,]+`));
    await show('Off-CPU Profile', 'off-cpu', '.status', /blocked/);
    await show('Waiting Requests', 'waiting', '.status', /waiting/);
  });

  it('shows who holds the memory, in a tab of its own', async () => {
    const { workbench } = scene;
    await workbench.runCommand('Acupoint: Heap Snapshot');
    const frame = await workbench.webview('.heap-main table tbody tr');
    const rows = await frame.locator('tbody tr').allInnerTexts();
    assert.ok(
      rows.some((text) => /^prometheus\s+plugin\s+[\d.]+ KB/.test(text)),
      rows.join('; '),
    );
    assert.match(await frame.locator('tfoot tr').first().innerText(), /100\.0 %/);
    await screenshot(workbench, 'heap-snapshot');
    await workbench.runCommand('Acupoint: Show Flame Graph');
    // Both pages have a canvas: the one behind is gone before the other is looked for.
    await waitFor('the snapshots to be hidden', () => frame.isDetached());
    graph = await FlameGraph.find(workbench);
    await graph.waitForSamples(1);
  });

  it('leaves nothing on the host when it is stopped', async () => {
    const { stage, workbench } = scene;
    const traces = await tracesBelow(stage.sshd.connections());
    // The probe and its keeper.
    assert.equal(traces.pids.length, 2);
    assert.ok(traces.programs.length > 0);
    await workbench.runCommand('Acupoint: Stop Tracer');
    await waitUntilGone(traces, 4000);
    const stopped = await graph.waitForState('stopped');
    assert.ok((stopped.status?.samples ?? 0) > 500, 'what was captured stays');
  });
});
