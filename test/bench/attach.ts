/**
 * How long a user waits: from the choice of a process to the first flame graph on the screen, over SSH on loopback in
 * VS Code in a browser, and from the start of a probe to its first batch. Prints one line of JSON.
 * `--heap-mb N`: only the latter, of a process that holds that much Lua.
 */
import { parseArgs } from 'node:util';
import { recordMessages } from '../fixtures/browser/flame-graph';
import { launchBrowser } from '../fixtures/browser/launch';
import { Workbench } from '../fixtures/browser/workbench';
import type { Gateway } from '../fixtures/gateway/start';
import { attachByHand } from '../fixtures/journey';
import { sshAlias, startStage, type Stage } from '../fixtures/stage';
import { waitFor } from '../fixtures/wait';
import { WireSession } from '../native/wire-session';
import { benchHeap } from './heap';
import { median, verdict } from './verdict';

const WINDOWS = Number(process.env['BENCH_RUNS'] ?? 5);
const PROBES = 10;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'heap-mb': { type: 'string' } } });
  if (values['heap-mb'] !== undefined) return benchHeap(Number(values['heap-mb']));
  const stage = await startStage();
  try {
    const batches: number[] = [];
    for (let run = 0; run < PROBES; run++) batches.push(await firstBatchMs(stage.gateway));
    const paints = await firstPaintsMs(stage);
    verdict(
      'attach',
      {
        firstPaintMs: { value: median(paints), bar: 2000, unit: 'ms, median' },
        firstBatchMs: { value: median(batches), bar: 400, unit: 'ms, median' },
      },
      { firstPaints: paints, firstBatches: batches.map(Math.round) },
    );
  } finally {
    await stage.stop();
  }
}

/** A window each, as a user's first attach. */
async function firstPaintsMs(stage: Stage): Promise<number[]> {
  const browser = await launchBrowser();
  const paints: number[] = [];
  try {
    for (let run = 0; run < WINDOWS; run++) {
      const context = await browser.newContext({ viewport: { width: 1600, height: 1000 } });
      await recordMessages(context);
      const workbench = await Workbench.open(await context.newPage(), stage.url);
      const { flameGraph, chosenAt } = await attachByHand(workbench, {
        host: sshAlias,
        masterPid: stage.gateway.masterPid,
      });
      const painted = await waitFor('the first flame graph', async () => {
        const { paintedAt } = await flameGraph.record();
        return paintedAt > 0 && paintedAt;
      });
      paints.push(painted - chosenAt);
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return paints;
}

/** From the start of the process to its first batch with samples, as fast as one can ask. */
async function firstBatchMs(gateway: Gateway): Promise<number> {
  const began = performance.now();
  const session = new WireSession();
  try {
    const [worker] = await gateway.workerPids();
    if (worker === undefined) throw new Error('The gateway has no worker.');
    const target = { case: 'pid', value: worker } as const;
    await session.next('hello');
    session.send({ case: 'start', value: { target, rateHz: 99 } });
    await session.next('batch', ({ stacks }) => stacks.length > 0);
    return performance.now() - began;
  } finally {
    await session.end();
  }
}

void main();
