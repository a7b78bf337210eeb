/**
 * Latencies of requests at the highest rate that this machine gives, in one run: how fast a worker is with the
 * instrument and without it, in turns; what it costs by its own account where it keeps to a budget; and, where it
 * watches every request, whether count and percentiles are those of the client. Prints a row each and one line of JSON;
 * exit code 1 where a bar is broken. Needs root and wrk.
 *
 *   npm run bench:requests -- [--budget 2] [--turns 5] [--seconds 5] [--connections 16]
 */
import { execFile } from 'node:child_process';
import { parseArgs, promisify } from 'node:util';
import { type Gateway, startRequestGateway } from '../native/requests/gateway';
import { countOf, percentile, valuesOf } from '../native/requests/tables';
import { WatchedRequests } from '../native/requests/watched';
import { median, verdict } from './verdict';

const { values } = parseArgs({
  options: {
    budget: { type: 'string', default: '2' },
    turns: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
  },
});
/** Percent of a core for all of a trace; an instrument may have half of it. */
const BUDGET = Number(values.budget);
const TURNS = Number(values.turns);
const SECONDS = Number(values.seconds);
/** A budget that no rate exhausts. */
const PLENTY = 50_000;

interface Run {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds by percent. */
  readonly latency: ReadonlyMap<number, number>;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

async function load({ port }: Gateway): Promise<Run> {
  const url = `http://127.0.0.1:${port}/returned`;
  const args = ['-t1', `-c${values.connections}`, `-d${SECONDS}s`, '--latency', url];
  const { stdout } = await promisify(execFile)('wrk', args);
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1]);
  const latency = [...stdout.matchAll(/^\s+(\d+)%\s+([\d.]+)(us|ms|s)$/gm)].map(
    ([, percent, value, unit]) => [Number(percent), Number(value) * UNITS[unit!]!] as const,
  );
  return {
    requests: number(/(\d+) requests in/),
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    latency: new Map(latency),
  };
}

/** In turns without and with a trace that may cost so much, hundredths of a percent. */
async function compare(gateway: Gateway, budget: number) {
  const off: number[] = [];
  const on: number[] = [];
  const costs: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    off.push((await load(gateway)).perSecond);
    const watched = await WatchedRequests.start(gateway.nginx.pid, { budget });
    on.push((await load(gateway)).perSecond);
    costs.push(
      ...watched.batches.flatMap(({ instruments }) => instruments).map((s) => s.costPercent),
    );
    await watched.session.end();
  }
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  return { off: median(off), on: median(on), cost: mean };
}

async function accuracy(gateway: Gateway) {
  const watched = await WatchedRequests.start(gateway.nginx.pid, { budget: PLENTY });
  try {
    const run = await load(gateway);
    const state = await watched.end();
    const rows = watched.rows();
    const found = valuesOf(rows).map((us) => us / 1000);
    const offs = [...run.latency].map(([percent, known]) => {
      const value = percentile(found, percent);
      console.log(`p${percent}: ${value.toFixed(3)} ms, wrk ${known.toFixed(3)} ms`);
      // A millisecond or 2.5 %, as a part of that.
      return Math.abs(value - known) / Math.max(1, known * 0.025);
    });
    // Those that wrk leaves open at its end are in no count of its own.
    const missed = run.requests - countOf(rows) - Number(state.lostEvents);
    return { offs: Math.max(...offs), missed, lost: Number(state.lostEvents), ...run };
  } finally {
    await watched.session.end();
  }
}

async function main(): Promise<void> {
  const gateway = await startRequestGateway();
  try {
    await load(gateway);
    const found = await accuracy(gateway);
    const all = await compare(gateway, PLENTY);
    const kept = await compare(gateway, BUDGET * 100);
    const slower = ({ off, on }: { off: number; on: number }) => (1 - on / off) * 100;
    verdict(
      'requests',
      {
        percentilesOff: { value: found.offs, bar: 1, unit: 'of 1 ms or 2.5 %' },
        missed: { value: found.missed, bar: 0, unit: 'requests' },
        costPercent: { value: kept.cost, bar: BUDGET / 2, unit: '% of a core' },
      },
      {
        requests: found.requests,
        lost: found.lost,
        perSecond: { off: Math.round(kept.off), on: Math.round(kept.on), all: Math.round(all.on) },
        slowdownPercent: { budget: slower(kept), all: slower(all) },
        microsecondsPerRequest: Math.round((1e6 / all.on - 1e6 / all.off) * 100) / 100,
      },
    );
  } finally {
    await gateway.stop();
  }
}

void main();
