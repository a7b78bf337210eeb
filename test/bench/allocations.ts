/**
 * The allocation profile against known answers: plugins of a gateway, interpreted and compiled,
 * under load; how far their shares are off and what the bursts cost; then the same on a process
 * that does nothing but allocate, as the probe says and as its pace shows (turned on and off in
 * turn). All with one budget: the smaller it is and the dearer a trap, the longer it takes to see
 * enough. Prints a row each and one line of JSON; exit code 1 where a bar is broken. Needs root.
 *
 *   npm run bench:allocations -- [--budget 4] [--seconds 180] [--turns 3]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startAllocatingGateway } from '../fixtures/allocations/start';
import { repositoryRoot } from '../fixtures/root';
import { recordAllocations } from '../native/alloc/allocations';
import { keepBusy } from '../native/nginx';
import { WireSession } from '../native/wire-session';
import { median, verdict } from './verdict';

const { values } = parseArgs({
  options: {
    budget: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '180' },
    turns: { type: 'string', default: '3' },
  },
});
const SECONDS = Number(values.seconds);
/** Percent of a core for all of a trace; allocations may have half of it. */
const BUDGET = Number(values.budget);
const TURNS = Number(values.turns);
/** Longer than what one burst is paid for takes, and what loading takes at its beginning is left out. */
const TURN_MS = 15_000;
const SETTLE_MS = 2000;

async function main(): Promise<void> {
  const interpreted = await accuracy(false);
  const compiled = await accuracy(true);
  const cost = await slowdown();
  verdict(
    'allocations',
    {
      interpretedOffPercent: { value: interpreted.off, bar: 10, unit: '%' },
      compiledOffPercent: { value: compiled.off, bar: 10, unit: '%' },
      interpretedCostPercent: { value: interpreted.cost, bar: BUDGET / 2, unit: '% of a core' },
      compiledCostPercent: { value: compiled.cost, bar: BUDGET / 2, unit: '% of a core' },
      costPercent: { value: cost.said, bar: BUDGET / 2, unit: '% of a core' },
    },
    {
      budgetPercent: BUDGET,
      seconds: SECONDS,
      bytesPerRequest: { interpreted: interpreted.perRequest, compiled: compiled.perRequest },
      trapUs: interpreted.trapUs,
      slowdownPercent: Math.round(cost.seen * 100) / 100,
    },
  );
}

/** By how much the share of a plugin is off at most, as a part of that share. */
async function accuracy(compiled: boolean) {
  const nginx = await startAllocatingGateway({ compiled });
  const busy = keepBusy(nginx);
  try {
    await nginx.known();
    const found = await recordAllocations(nginx.workers()[0]!, SECONDS, '--budget', `${BUDGET}`);
    const known = await nginx.known();
    const all = Object.values(known).reduce((sum, bytes) => sum + bytes, 0);
    const offs = Object.entries(known).map(([name, bytes]) => {
      const share = found.share(({ file }) => file.endsWith(`/plugins/${name}/handler.lua`));
      const mode = compiled ? 'compiled' : 'interpreted';
      console.log(`${mode} ${name}: ${percent(share)}, known ${percent(bytes / all)}`);
      return Math.abs(share / (bytes / all) - 1) * 100;
    });
    const { bytes, requests, trapUs, costPercent } = found.totals;
    const perRequest = { measured: Math.round(bytes / requests), known: Math.round(all) };
    return { off: Math.max(...offs), cost: costPercent, perRequest, trapUs };
  } finally {
    await busy.stop();
    await nginx.stop();
  }
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** A process that does nothing but allocate and count, with bursts in every other turn. */
async function slowdown(): Promise<{ said: number; seen: number }> {
  const script = join(repositoryRoot, 'test/bench/lua/allocate.lua');
  const child = spawn('luajit', ['-joff', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let rounds = 0;
  createInterface(child.stdout).on('line', () => rounds++);
  const session = new WireSession();
  try {
    await delay(500);
    const value = { target: { case: 'pid', value: child.pid! }, rateHz: 1, budget: BUDGET * 100 };
    await session.ask({ case: 'start', value } as never, 'started');
    const turn = async (on: boolean) => {
      session.send({ case: 'watch', value: { instrument: 'allocations', on } });
      await delay(SETTLE_MS);
      const from = { rounds, at: performance.now() };
      await delay(TURN_MS);
      return (rounds - from.rounds) / (performance.now() - from.at);
    };
    const ratios: number[] = [];
    const said: number[] = [];
    for (let i = 0; i < TURNS; i++) {
      const off = await turn(false);
      const after = session.received.length;
      const on = await turn(true);
      ratios.push(on / off);
      for (const message of session.received.slice(after))
        if (message.case === 'batch')
          for (const { on, costPercent } of message.value.instruments)
            if (on) said.push(costPercent);
    }
    const mean = said.reduce((sum, one) => sum + one, 0) / said.length;
    return { said: mean, seen: (1 - median(ratios)) * 100 };
  } finally {
    await session.end();
    child.kill('SIGKILL');
  }
}

void main();
