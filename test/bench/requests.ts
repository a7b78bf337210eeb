/**
 * Latencies of requests, in one run: against the ledger of a client, each of so many requests; then at the highest rate
 * that this machine gives, in turns with the instrument and without it: how fast a worker is, and what the instrument
 * costs by its own account where it keeps to a budget; then at a rate that is held. Prints a row each and one line of JSON; exit code 1 where a bar
 * is broken. Needs root and wrk, and a machine that does nothing else.
 *
 *   npm run bench:requests -- [--requests 100000] [--budget 2] [--turns 5] [--seconds 5] [--connections 16]
 *       [--rate 10000]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Client } from '../native/requests/client';
import { type Gateway, startRequestGateway } from '../native/requests/gateway';
import { countOf, percentile, valuesOf } from '../native/requests/tables';
import { WatchedRequests } from '../native/requests/watched';
import { median, verdict } from './verdict';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    budget: { type: 'string', default: '2' },
    turns: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
    rate: { type: 'string', default: '10000' },
  },
});
/** Percent of a core for all of a trace; an instrument may have half of it. */
const BUDGET = Number(values.budget);
const TURNS = Number(values.turns);
const SECONDS = Number(values.seconds);
/** A budget that no rate exhausts. */
const PLENTY = 50_000;

/** Connections of a load whose rate is held. */
const PACED = 100;

const PERCENTS = [50, 90, 99, 99.9, 100];

interface Load {
  readonly perSecond: number;
  /** Microseconds of the worker's CPU time a request. */
  readonly cost: number;
}

/** Nanoseconds of CPU time that it has used. */
const cpuOf = (pid: number) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);

/** @param script that paces wrk; without one it sends as fast as it can. */
async function load({ port, nginx }: Gateway, script?: string): Promise<Load> {
  const [worker] = nginx.workers();
  const url = `http://127.0.0.1:${port}/returned`;
  const connections = script === undefined ? values.connections : PACED;
  const args = ['-t1', `-c${connections}`, `-d${SECONDS}s`, ...(script ? ['-s', script] : []), url];
  const before = cpuOf(worker!);
  const { stdout } = await promisify(execFile)('wrk', args);
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1]);
  return {
    perSecond: number(/Requests\/sec:\s+([\d.]+)/),
    cost: (cpuOf(worker!) - before) / 1000 / number(/(\d+) requests in/),
  };
}

/** Percent of a core on average, by its own account, from a batch on. */
function costOf(watched: WatchedRequests, first = 0): number {
  const states = watched.batches.slice(first).flatMap(({ instruments }) => instruments);
  return states.reduce((sum, { costPercent }) => sum + costPercent, 0) / states.length;
}

/** In turns without and with a trace that may cost so much, hundredths of a percent. */
async function compare(gateway: Gateway, budget: number) {
  const off: Load[] = [];
  const on: Load[] = [];
  const costs: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    off.push(await load(gateway));
    const watched = await WatchedRequests.start(gateway.nginx.pid, { budget });
    on.push(await load(gateway));
    costs.push(costOf(watched));
    await watched.session.end();
  }
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
  const typical = (loads: readonly Load[]) => ({
    perSecond: Math.round(median(loads.map(({ perSecond }) => perSecond))),
    cost: median(loads.map(({ cost }) => cost)),
  });
  return { off: typical(off), on: typical(on), cost: mean };
}

/** At a rate that is held, near `--rate`, for long enough that a start does not count: what it costs by its own account. */
async function paced(gateway: Gateway) {
  const folder = mkdtempSync(join(tmpdir(), 'acupoint-bench-'));
  const script = join(folder, 'paced.lua');
  // Milliseconds, in which wrk counts, that each connection waits before its next request.
  writeFileSync(
    script,
    `function delay() return ${Math.round((PACED * 1000) / Number(values.rate))} end`,
  );
  const watched = await WatchedRequests.start(gateway.nginx.pid, { budget: BUDGET * 100 });
  try {
    await load(gateway, script);
    const first = watched.batches.length;
    const { perSecond } = await load(gateway, script);
    return { perSecond: Math.round(perSecond), costPercent: costOf(watched, first) };
  } finally {
    await watched.session.end();
    rmSync(folder, { recursive: true });
  }
}

/** Nearly as often as the machine can, and none a multiple of what a clock counts in. */
async function accuracy(gateway: Gateway) {
  const paths = Array.from(
    { length: Number(values.requests) },
    (_, i) => `/sleep?ms=${1 + ((i * 37) % 90) / 10}`,
  );
  const client = new Client(gateway.port);
  const watched = await WatchedRequests.start(gateway.nginx.pid, { budget: PLENTY });
  try {
    await client.get(paths, Number(values.connections));
    const state = await watched.end();
    const rows = watched.rows();
    const found = valuesOf(rows).map((us) => us / 1000);
    const known = client.ledger.map(({ ms }) => ms);
    const offs = PERCENTS.map((percent) => {
      const [a, b] = [percentile(found, percent), percentile(known, percent)];
      console.log(`p${percent}: ${a.toFixed(3)} ms, the client says ${b.toFixed(3)} ms`);
      // Of a millisecond or 2.5 %.
      return Math.abs(a - b) / Math.max(1, b * 0.025);
    });
    const lost = Number(state.lostEvents);
    return { off: Math.max(...offs), missed: Math.abs(paths.length - countOf(rows) - lost), lost };
  } finally {
    client.close();
    await watched.session.end();
  }
}

async function main(): Promise<void> {
  const gateway = await startRequestGateway();
  try {
    const found = await accuracy(gateway);
    const all = await compare(gateway, PLENTY);
    const kept = await compare(gateway, BUDGET * 100);
    const held = await paced(gateway);
    const more = ({ off, on }: typeof all) => Math.round((on.cost - off.cost) * 100) / 100;
    verdict(
      'requests',
      {
        percentilesOff: { value: found.off, bar: 1, unit: 'of 1 ms or 2.5 %' },
        missed: { value: found.missed, bar: 0, unit: 'requests' },
        costPercent: { value: kept.cost, bar: BUDGET / 2, unit: '% of a core' },
        heldRate: { value: held.costPercent, bar: BUDGET / 2, unit: '% of a core' },
      },
      {
        requests: Number(values.requests),
        lost: found.lost,
        held,
        perSecond: kept.off.perSecond,
        microsecondsPerRequest: { of: kept.off.cost, budget: more(kept), all: more(all) },
      },
    );
  } finally {
    await gateway.stop();
  }
}

void main();
