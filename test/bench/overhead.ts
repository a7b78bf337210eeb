/**
 * A worker's cost of sampling: CPU time per request of the gateway fixture, with nothing, with the
 * timer alone, with the probe and with other profilers. All of them are attached throughout, and one
 * at a time is switched on, for a slice of `--slice` milliseconds, in another order each round, so
 * that what else changes on the machine changes for all. Each is compared with its control in the
 * same rounds; others than the probe and the timer are in every fourth. The worker has a CPU for itself. Prints a table and one line of JSON; exit code 1
 * where a bar is broken. Needs root.
 *
 *   npm run bench:overhead -- [--minutes 5] [--slice 200] [--only 99,999]
 *
 * The worker's cost includes what the kernel does in its time; what the profiler's own process spends
 * beside it is the last column, the whole run's over the time in which it was on, so at most that.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startGateway } from '../fixtures/gateway/start';
import { waitFor } from '../fixtures/wait';
import { allArms, type Arm } from './arms';
import { type ClosedLoop, startClosedLoop } from './closed-loop';
import { type Interval, intervalOf } from './interval';
import { keepApart, Slices, type Tool } from './tools';
import { type Figure, median, verdict } from './verdict';

/** Percent over the timer at the same rate, by samples a second. */
const BARS = new Map<number, number | undefined>([
  [99, 1],
  [999, 3],
  [4999, undefined],
]);
const CONNECTIONS = 4;
const WARM_UP_SECONDS = 2;
/** Rounds in which other profilers, and nothing, have their turn. */
const OTHERS_EVERY = 4;
/** Of a slice; those under way at its ends are one in twenty then. */
const LEAST_REQUESTS = 160;

/** An arm that is attached, and what its slices gave. */
interface Attached {
  readonly arm: Arm;
  readonly tool: Tool | undefined;
  /** Microseconds of the worker's CPU time a request, by round. */
  readonly costs: Map<number, number>;
  cpuBefore: number;
  onSeconds: number;
}

async function attach(arm: Arm, pid: number, slices: Slices): Promise<Attached> {
  const tool = await arm.start(pid);
  let events = 0;
  if (tool) {
    await waitFor(`the events of ${arm.name}`, async () => {
      const before = events;
      events = await slices.ask('take', tool.pid);
      return events > 0 && events === before;
    });
  }
  const cpuBefore = tool ? await slices.ask('cpu', tool.pid) : 0;
  return { arm, tool, costs: new Map(), cpuBefore, onSeconds: 0 };
}

/** One arm's turn of a round. */
async function takeTurn(
  { arm, tool, costs }: Attached,
  round: number,
  context: { pid: number; loop: ClosedLoop; slices: Slices; sliceMs: number },
): Promise<number> {
  const { pid, loop, slices, sliceMs } = context;
  if (tool) await slices.ask('on', tool.pid);
  const [spent, answered, began] = [
    await slices.ask('cpu', pid),
    loop.answered(),
    performance.now(),
  ];
  await delay(sliceMs);
  // On a machine that is busy otherwise the worker may not have had its turn.
  await waitFor(
    `requests while ${arm.name} is on`,
    () => loop.answered() - answered >= LEAST_REQUESTS,
  );
  const [cpu, requests] = [(await slices.ask('cpu', pid)) - spent, loop.answered() - answered];
  const seconds = (performance.now() - began) / 1000;
  if (tool) await slices.ask('off', tool.pid);
  costs.set(round, cpu / 1000 / requests);
  return seconds;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => [Math.random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
}

/** Percent over another arm in the same round. Ratios are averaged as ratios: by their logarithms. */
function over(own: Attached, other: Attached | undefined): Interval | undefined {
  if (!other) return undefined;
  const ratios = [...own.costs].flatMap(([round, cost]) => {
    const theirs = other.costs.get(round);
    return theirs === undefined ? [] : [Math.log(cost / theirs)];
  });
  const { middle, quartiles, low, high } = intervalOf(ratios);
  const percent = (ratio: number) => (Math.exp(ratio) - 1) * 100;
  return {
    middle: percent(middle),
    quartiles: [percent(quartiles[0]), percent(quartiles[1])],
    low: percent(low),
    high: percent(high),
  };
}

/** An arm with a bar, and its control, are in every round: of those it must be known best. */
const hasTurn = (arm: Arm, round: number) =>
  arm.name.startsWith('acupoint') || arm.name.startsWith('timer') || round % OTHERS_EVERY === 0;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      slice: { type: 'string', default: '200' },
      only: { type: 'string', default: [...BARS.keys()].join(',') },
    },
  });
  const rates = values.only.split(',').map(Number);
  const gateway = await startGateway();
  const slices = new Slices();
  const attached: Attached[] = [];
  let loop: ClosedLoop | undefined;
  try {
    const workers = await gateway.workerPids();
    const [pid] = workers;
    if (pid === undefined) throw new Error('The gateway has no worker.');
    const apart = keepApart(workers);
    loop = startClosedLoop(gateway.port, CONNECTIONS);
    await delay(WARM_UP_SECONDS * 1000);
    for (const arm of allArms(new Map(rates.map((hz) => [hz, BARS.get(hz)]))))
      attached.push(await attach(arm, pid, slices));
    const context = { pid, loop, slices, sliceMs: Number(values.slice) };
    const end = performance.now() + Number(values.minutes) * 60_000;
    for (let round = 0; performance.now() < end; round++)
      for (const one of shuffled(attached.filter(({ arm }) => hasTurn(arm, round))))
        one.onSeconds += await takeTurn(one, round, context);
    await report(attached, slices, { sliceMs: context.sliceMs, apart });
  } finally {
    loop?.stop();
    for (const { tool } of attached) await tool?.stop();
    slices.end();
    await gateway.stop();
  }
}

const cell = (value: number) => value.toFixed(2).padStart(8);

async function row(one: Attached, ratio: Interval | undefined, slices: Slices): Promise<string> {
  const costs = [...one.costs.values()];
  const { quartiles } = intervalOf(costs);
  const spent = one.tool ? (await slices.ask('cpu', one.tool.pid)) - one.cpuBefore : 0;
  const cells = [one.arm.name.padEnd(14), cell(median(costs)), ...quartiles.map(cell)];
  const compared = ratio
    ? [(one.arm.control ?? '').padEnd(12), cell(ratio.middle), cell(ratio.low), cell(ratio.high)]
    : [''.padEnd(12 + 3 * 9)];
  return [...cells, ' ', ...compared, cell(spent / 1e7 / one.onSeconds)].join(' ');
}

async function report(
  attached: readonly Attached[],
  slices: Slices,
  more: { sliceMs: number; apart: boolean },
): Promise<void> {
  const figures: Record<string, Figure> = {};
  const all: Record<string, unknown> = {};
  const named = (name: string | undefined) => attached.find(({ arm }) => arm.name === name);
  const rounds = Math.max(...attached.map(({ costs }) => costs.size));
  console.log(
    `${rounds} rounds. Worker's CPU, us a request: median, quartiles; over its control, %: ` +
      'middle (Hodges-Lehmann), 95 % interval; the tool itself, % of a core.',
  );
  for (const one of attached) {
    const { name, control, bar } = one.arm;
    const ratio = over(one, named(control));
    console.log(await row(one, ratio, slices));
    all[name] = { usARequest: median([...one.costs.values()]), over: ratio };
    if (ratio && bar !== undefined)
      figures[name] = { value: ratio.high, bar, unit: '% over the timer, upper end' };
    const perf = named(name.replace('acupoint', 'perf'));
    const theirs = perf && perf !== one ? over(perf, named(perf.arm.control)) : undefined;
    if (ratio && theirs && name.startsWith('acupoint'))
      figures[`${name} and perf`] = {
        value: ratio.middle,
        bar: theirs.high,
        unit: '% over the timer, perf record at most',
      };
  }
  verdict('overhead', figures, { rounds, ...more, arms: all });
}

void main();
