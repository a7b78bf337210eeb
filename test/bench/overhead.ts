/**
 * What sampling costs a worker: CPU time per request of the gateway fixture, with nothing, with the
 * timer alone, with the probe and with other profilers, in rounds in which each has its turn, in
 * another order each time. Each is compared with its control in the same round. Prints a table and
 * one line of JSON; exit code 1 where a bar is broken.
 *
 *   npm run bench:overhead -- [--pairs 15] [--seconds 2] [--only 99,999]
 *
 * The worker's own cost includes what the kernel does in its time; what the profiler's process
 * spends beside it is the last column.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startGateway } from '../fixtures/gateway/start';
import { allArms, type Arm, cpuSeconds } from './arms';
import { type ClosedLoop, startClosedLoop } from './closed-loop';
import { type Interval, intervalOf } from './interval';
import { type Figure, median, verdict } from './verdict';

/** Percent over the timer at the same rate, by samples a second. */
const BARS = new Map<number, number | undefined>([
  [99, 1],
  [999, 3],
  [4999, undefined],
]);
const CONNECTIONS = 8;
const WARM_UP_SECONDS = 2;

interface Turn {
  /** Microseconds of the worker's CPU time a request; of the tool's own, percent of a core. */
  readonly worker: number;
  readonly tool: number;
}

async function takeTurn(arm: Arm, pid: number, loop: ClosedLoop, seconds: number): Promise<Turn> {
  const tool = await arm.start(pid);
  try {
    const before = { cpu: await cpuSeconds(pid), tool: await tool.cpu(), n: loop.answered() };
    const began = performance.now();
    await delay(seconds * 1000);
    const requests = loop.answered() - before.n;
    const spent = (await cpuSeconds(pid)) - before.cpu;
    const wall = (performance.now() - began) / 1000;
    return {
      worker: (spent / requests) * 1e6,
      tool: (((await tool.cpu()) - before.tool) / wall) * 100,
    };
  } finally {
    await tool.stop();
  }
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** Percent over the control of the same round. */
function over(turns: ReadonlyMap<string, readonly Turn[]>, arm: Arm): Interval | undefined {
  const control = arm.control === undefined ? undefined : turns.get(arm.control);
  const own = turns.get(arm.name);
  if (!control || !own) return undefined;
  return intervalOf(own.map(({ worker }, i) => (worker / (control[i]?.worker ?? NaN) - 1) * 100));
}

const cell = (value: number) => value.toFixed(2).padStart(8);

function row(arm: Arm, turns: readonly Turn[], ratio: Interval | undefined): string {
  const cost = intervalOf(turns.map(({ worker }) => worker));
  const tool = median(turns.map((turn) => turn.tool));
  const cells = [arm.name.padEnd(14), cell(cost.median), ...cost.quartiles.map(cell)];
  const compared = ratio
    ? [(arm.control ?? '').padEnd(12), cell(ratio.median), cell(ratio.low), cell(ratio.high)]
    : [''.padEnd(12 + 3 * 9)];
  return [...cells, ' ', ...compared, cell(tool)].join(' ');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '15' },
      seconds: { type: 'string', default: '2' },
      only: { type: 'string', default: [...BARS.keys()].join(',') },
    },
  });
  const rates = values.only.split(',').map(Number);
  const arms = allArms(new Map(rates.map((hz) => [hz, BARS.get(hz)])));
  const turns = new Map(arms.map(({ name }) => [name, [] as Turn[]]));
  const gateway = await startGateway();
  const loop = startClosedLoop(gateway.port, CONNECTIONS);
  try {
    const [pid] = await gateway.workerPids();
    if (pid === undefined) throw new Error('The gateway has no worker.');
    await delay(WARM_UP_SECONDS * 1000);
    for (let round = 0; round < Number(values.pairs); round++) {
      for (const arm of shuffled(arms)) {
        turns.get(arm.name)?.push(await takeTurn(arm, pid, loop, Number(values.seconds)));
      }
    }
  } finally {
    loop.stop();
    await gateway.stop();
  }
  report(arms, turns, Number(values.pairs));
}

function report(arms: readonly Arm[], turns: Map<string, Turn[]>, pairs: number): void {
  const figures: Record<string, Figure> = {};
  const all: Record<string, unknown> = {};
  console.log(
    `${pairs} rounds. Worker's CPU, us a request: median, quartiles; over its control, %: ` +
      'median, 95 % interval; the tool itself, % of a core.',
  );
  for (const arm of arms) {
    const own = turns.get(arm.name) ?? [];
    const ratio = over(turns, arm);
    console.log(row(arm, own, ratio));
    all[arm.name] = { usARequest: median(own.map(({ worker }) => worker)), over: ratio };
    if (ratio && arm.bar !== undefined)
      figures[arm.name] = { value: ratio.high, bar: arm.bar, unit: '% over the timer, upper end' };
    const perf = arms.find(({ name }) => name === arm.name.replace('acupoint', 'perf'));
    const theirs = perf && perf !== arm ? over(turns, perf) : undefined;
    if (ratio && theirs)
      figures[`${arm.name} and perf`] = {
        value: ratio.median,
        bar: theirs.high,
        unit: '% over the timer, perf record at most',
      };
  }
  verdict('overhead', figures, { pairs, arms: all });
}

void main();
