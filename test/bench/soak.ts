/**
 * Does a probe stay what it is? Four workers under load at 999 Hz for `--minutes` (default 10): its
 * memory at the end against that after the first minute, and whether every sample that the workers'
 * CPU time called for was seen or reported as lost. Prints a line a minute and one of JSON; exit
 * code 1 where a bar is broken.
 */
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { startGateway } from '../fixtures/gateway/start';
import { WireSession } from '../native/wire-session';
import { cpuSeconds } from './arms';
import { rssMegabytes } from './rss';
import { startClosedLoop } from './closed-loop';
import { verdict } from './verdict';

const RATE_HZ = 999;
const WORKERS = 4;
const CONNECTIONS = 16;
/** Dictionaries fill in the first minute, or in the first tenth of a short run. */
const SETTLED = 0.1;
const LOOK_SECONDS = 5;

interface Look {
  readonly rssMB: number;
  readonly cpu: number;
  readonly seen: number;
  readonly lost: number;
}

class Soak {
  #seen = 0;
  #read = 0;
  #lost = 0;
  constructor(
    readonly session: WireSession,
    readonly workers: readonly number[],
  ) {}

  async look(): Promise<Look> {
    const times = await Promise.all(this.workers.map(cpuSeconds));
    for (; this.#read < this.session.received.length; this.#read++) {
      const message = this.session.received[this.#read];
      if (message?.case !== 'batch') continue;
      this.#seen += message.value.stacks
        .flatMap(({ counts }) => counts)
        .reduce((sum, count) => sum + count, 0);
      if (message.value.health) this.#lost = Number(message.value.health.lost);
    }
    // Counted messages need not be kept: this process would be what grows.
    this.session.received.length = 0;
    this.#read = 0;
    return {
      rssMB: await rssMegabytes(this.session.pid),
      cpu: times.reduce((sum, time) => sum + time, 0),
      seen: this.#seen,
      lost: this.#lost,
    };
  }
}

async function run(soak: Soak, minutes: number): Promise<[Look, Look]> {
  const began = performance.now();
  const passed = () => (performance.now() - began) / 60_000;
  let [first, told]: [Look | undefined, number] = [undefined, 0];
  let last = await soak.look();
  const start = last;
  while (passed() < minutes) {
    await delay(LOOK_SECONDS * 1000);
    last = await soak.look();
    if (!first && passed() >= minutes * SETTLED) first = last;
    if (passed() - told < 1) continue;
    told = Math.floor(passed());
    const samples = `${last.seen} samples, ${last.lost} lost`;
    console.log(`${told} min: ${last.rssMB.toFixed(2)} MB, ${samples}`);
  }
  return [{ ...start, rssMB: (first ?? start).rssMB }, last];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
  const gateway = await startGateway({ workers: WORKERS });
  const loop = startClosedLoop(gateway.port, CONNECTIONS);
  const session = new WireSession();
  try {
    await session.next('hello');
    const target = { case: 'master', value: gateway.masterPid } as const;
    await session.ask({ case: 'start', value: { target, rateHz: RATE_HZ } }, 'started');
    await session.next('batch', ({ stacks }) => stacks.length > 0);
    const soak = new Soak(session, await gateway.workerPids());
    const [first, last] = await run(soak, Number(values.minutes));
    const expected = (last.cpu - first.cpu) * RATE_HZ;
    const seen = last.seen - first.seen;
    const lost = last.lost - first.lost;
    verdict(
      'soak',
      {
        rssGrowthMB: { value: last.rssMB - first.rssMB, bar: 2, unit: 'MB' },
        unaccountedPercent: {
          value: ((expected - seen - lost) / expected) * 100,
          bar: 2,
          unit: '% of the samples that CPU time called for',
        },
      },
      {
        minutes: Number(values.minutes),
        rssMB: [first.rssMB, last.rssMB],
        expected: Math.round(expected),
        seen,
        lost,
      },
    );
  } finally {
    await session.end();
    loop.stop();
    await gateway.stop();
  }
}

void main();
