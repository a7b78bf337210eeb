/**
 * How long a recording of many stacks takes to open, and for how long at once opening and each view
 * of the page keep the thread busy that other captures need: `node out/bench/open/main.js`.
 */
import { Capture } from '../../../extension/capture/capture';
import { createNativeEngine } from '../../../extension/capture/engine-loader';
import { openRecording } from '../../../extension/capture/open-recording';
import { silentLog } from '../../../extension/common/log';
import * as probe from '../../../extension/probe';
import { ProfileStore } from '../../../extension/profile/store';
import { addonPath } from '../../unit/profile/engines';
import { type Figure, median, verdict } from '../verdict';
import { Blocks } from './blocks';
import { recordingOf, type Shape } from './recording';
import { views } from './views';

const MOST_SECONDS = 10;
const MOST_BLOCK_MS = 50;
/** The longest block of all of them counts. */
const RUNS = 3;

/** A busy gateway's; one whose every stack was seen by itself; few and large pieces. */
const SHAPES: Readonly<Record<string, Shape>> = {
  usual: { stacks: 400_000, batches: 1600, functions: 20_000, leafEvery: 20, requests: 2000 },
  leaves: { stacks: 400_000, batches: 1600, functions: 20_000, leafEvery: 1, requests: 50_000 },
  'large batches': {
    stacks: 400_000,
    batches: 40,
    functions: 20_000,
    leafEvery: 2,
    requests: 10_000,
  },
};

void main();

async function main(): Promise<void> {
  const figures: Record<string, Figure> = {};
  const only = process.argv[2];
  for (const [name, shape] of Object.entries(SHAPES)) {
    if (only !== undefined && only !== name) continue;
    const file = recordingOf(shape);
    const runs: Map<string, Run>[] = [];
    for (let i = 0; i < RUNS; i++) runs.push(await run(file));
    console.log(`${name}: ${shape.stacks} stacks, ${(file.length / 2 ** 20).toFixed(1)} MB`);
    for (const step of runs[0]!.keys()) {
      const all = runs.map((each) => each.get(step)!);
      const ms = Math.max(...all.map((each) => each.blockMs));
      const seconds = median(all.map((each) => each.seconds));
      const clocks = all.map((each) => each.clockMs.toFixed(0)).join(', ');
      console.log(
        `  ${step.padEnd(28)} ${seconds.toFixed(2).padStart(6)} s, longest block ` +
          `${ms.toFixed(0).padStart(3)} ms (by the clock ${clocks})`,
      );
      figures[`${name}: ${step}`] = { value: ms, bar: MOST_BLOCK_MS, unit: 'ms at once' };
      if (step === 'opening')
        figures[`${name}: time to open`] = { value: seconds, bar: MOST_SECONDS, unit: 's' };
    }
  }
  verdict('open', figures);
}

interface Run {
  readonly seconds: number;
  readonly blockMs: number;
  readonly clockMs: number;
}

async function run(file: Uint8Array): Promise<Map<string, Run>> {
  const steps = new Map<string, Run>();
  const blocks = new Blocks();
  blocks.start();
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    blocks.take();
    const began = performance.now();
    const result = await work();
    // Work that it leaves behind belongs to it.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const { ms, clockMs } = blocks.take();
    steps.set(name, { seconds: (performance.now() - began) / 1000, blockMs: ms, clockMs });
    return result;
  };
  const store = new ProfileStore(createNativeEngine(addonPath));
  const capture = await step('opening', () =>
    openRecording(
      file,
      probe,
      (destination, connector) => new Capture(1, destination, store, connector, silentLog),
    ),
  );
  for (const [name, show] of views) await step(name, () => show(capture));
  blocks.stop();
  return steps;
}
