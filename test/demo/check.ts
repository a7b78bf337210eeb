/** The demo without a person: the whole path of a user in a real browser, and what came of it as one line of JSON. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { recordMessages, type FlameGraph } from '../fixtures/browser/flame-graph';
import { launchBrowser } from '../fixtures/browser/launch';
import { luaFunctions, type PageRecord } from '../fixtures/browser/profile';
import { Workbench } from '../fixtures/browser/workbench';
import { extensionLog } from '../fixtures/codeserver/start';
import { attachByHand } from '../fixtures/journey';
import { repositoryRoot } from '../fixtures/root';
import { sshAlias, type Stage } from '../fixtures/stage';
import { waitFor } from '../fixtures/wait';

const SAMPLES = 500;

interface Verdict {
  hot: { function: string; file: string; line: number; share: number };
  samples: number;
  luaShare: number;
  unattributedShare: number;
  attachMs: number;
  firstPaintMs: number;
  probeCpuPercent: number;
  screenshot: string;
}

/** Prints the verdict as the last line; the exit code is 1 where the hot function is another one. */
export async function checkStage(stage: Stage): Promise<number> {
  const browser = await launchBrowser();
  let workbench: Workbench | undefined;
  try {
    const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
    await recordMessages(context);
    console.log('demo: opening VS Code in the browser');
    workbench = await Workbench.open(await context.newPage(), stage.url);
    console.log('demo: attaching');
    const { flameGraph, chosenAt } = await attachByHand(workbench, {
      host: sshAlias,
      masterPid: stage.gateway.masterPid,
    });
    console.log(`demo: waiting for ${SAMPLES} samples`);
    const record = await flameGraph.waitForSamples(SAMPLES, 90_000);
    const hot = luaFunctions(record)[0];
    if (hot === undefined) throw new Error('No Lua function was seen.');
    await openSource(workbench, flameGraph, hot.id);
    const screenshot = await takeScreenshot(workbench, 'demo');
    const { attachMs } = await timings(stage);
    await workbench.runCommand('Acupoint: Stop Tracer');
    await flameGraph.waitForState('stopped');
    const verdict: Verdict = {
      hot: { function: hot.name, file: hot.file, line: hot.line, share: rounded(hot.total) },
      ...figures(record),
      attachMs,
      firstPaintMs: record.paintedAt - chosenAt,
      screenshot,
    };
    const { hotFunction, hotFile, hotLine } = stage.gateway.expected;
    const found =
      hot.name === hotFunction && hot.file.endsWith(`/${hotFile}`) && hot.line === hotLine;
    if (!found) console.log(`demo: expected ${hotFunction} at ${hotFile}:${hotLine}`);
    console.log(JSON.stringify(verdict));
    return found ? 0 : 1;
  } catch (error) {
    console.error(extensionLog(await stage.code.logs()));
    if (workbench) console.error(`demo: see ${await takeScreenshot(workbench, 'demo-failed')}`);
    throw error;
  } finally {
    await browser.close();
  }
}

function figures(record: PageRecord) {
  const { status } = record;
  if (status === null) throw new Error('The panel was told no status.');
  const share = (part: number) => rounded(status.samples === 0 ? 0 : part / status.samples);
  return {
    samples: status.samples,
    luaShare: share(status.lua.samples),
    unattributedShare: share(status.lua.unknown),
    probeCpuPercent: rounded(status.probeCpuPercent + status.kernelCpuPercent),
  };
}

/** Clicks the function's frame and waits until its file is shown with the share above it. */
async function openSource(workbench: Workbench, graph: FlameGraph, id: number): Promise<void> {
  const place = await graph.hover(id);
  await workbench.page.mouse.click(place.x, place.y);
  await workbench.codeLenses(/% CPU/).first().waitFor();
  await workbench.page.mouse.move(5, 500);
}

async function takeScreenshot(workbench: Workbench, name: string): Promise<string> {
  const path = join(repositoryRoot, `test-results/${name}.png`);
  await mkdir(join(repositoryRoot, 'test-results'), { recursive: true });
  await workbench.page.screenshot({ path });
  return path;
}

/** Reads what the extension itself measured, from its log. */
async function timings(stage: Stage): Promise<{ attachMs: number }> {
  const milliseconds = await waitFor('the time of the attach in the log', async () => {
    const found = /\battach (\d+) ms\b/.exec(await stage.code.logs())?.[1];
    return found === undefined ? undefined : Number(found);
  });
  return { attachMs: milliseconds };
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
