/** Iterations of the event loop against a ledger of each wait for events. */
import assert from 'node:assert/strict';
import { waitFor } from '../../fixtures/wait';
import {
  type Iteration,
  type StallingGateway,
  startStallingGateway,
  waysToStall,
  type WayToStall,
} from '../../fixtures/loop/start';
import { SeriesRows } from '../series-rows';
import { WireSession } from '../wire-session';
import { stallsOf } from './stalls';

const MS = 1e6;
/** An iteration as long as this is a stall. */
const THRESHOLD = 10 * MS;
/** The two ends of an iteration are seen where the ledger is not. */
const EDGE = 0.3 * MS;
const ROUNDS = 12;

/** Asks for short pages, several at a time, until it is stopped; how many came. */
function keepAsking(gateway: StallingGateway): { stop(): Promise<number> } {
  let wanted = true;
  let count = 0;
  const ask = async () => {
    for (; wanted; count++) await gateway.ask();
  };
  const all = Promise.all([ask(), ask(), ask()]);
  return {
    stop: async () => {
      wanted = false;
      await all;
      return count;
    },
  };
}

const lengthOf = ({ began, ended }: Iteration) => ended - began;

describe('the event loop', function () {
  this.timeout(120_000);
  let gateway: StallingGateway;
  let session: WireSession;

  before(async () => {
    gateway = await startStallingGateway();
    // Compiled before anybody looks.
    for (let round = 0; round < 20; round++) await gateway.stall('compiled', 0.003);
  });
  after(() => gateway.stop());
  afterEach(() => session.end());

  /** Watches until the uprobes stand. */
  async function watch(): Promise<void> {
    session = new WireSession();
    const target = { case: 'pid', value: gateway.worker } as const;
    await session.ask({ case: 'start', value: { target, rateHz: 99, maxCpuPercent: 20 } }, 'started');
    session.send({ case: 'watch', value: { instrument: 'loop', on: true } });
    await session.next('batch', ({ instruments }) => (instruments[0]?.watchedUs ?? 0n) > 0n);
    // The iteration that runs when they are placed is not whole.
    await gateway.ask();
    await gateway.ask();
  }

  async function unwatch() {
    const from = session.received.length;
    session.send({ case: 'watch', value: { instrument: 'loop', on: false } });
    const isOver = ({ instruments }: { instruments: { on: boolean }[] }) =>
      instruments.some(({ on }) => !on);
    const { instruments } = await session.next('batch', isOver, from);
    return { rows: SeriesRows.of(session), state: instruments[0]! };
  }

  it('has as many iterations as it waited for events, and as long', async () => {
    await watch();
    const before = gateway.iterations().length;
    const load = keepAsking(gateway);
    await waitFor('iterations', () => gateway.iterations().length > before + 3000);
    const asked = await load.stop();
    const known = gateway.iterations().slice(before);
    const { rows, state } = await unwatch();
    const seen = rows.table('loop.iterations');
    const count = seen.reduce((all, row) => all + row.count, 0);
    const sum = seen.reduce((all, row) => all + row.sum, 0);
    const most = Math.max(...seen.map((row) => row.most));
    const knownSum = known.reduce((all, each) => all + lengthOf(each), 0) / 1000;
    const longest = Math.max(...known.map(lengthOf)) / 1000;
    console.log(`      ${asked} requests, ${count} of ${known.length} iterations`);
    console.log(`      ${sum} us of ${knownSum.toFixed(0)}, longest ${most} of ${longest.toFixed(0)}`);
    assert.equal(Number(state.lostEvents), 0);
    assert.equal(state.bursts, 0);
    // Those of the two requests before may be among them.
    assert.ok(count >= known.length && count <= known.length + 3, `${count} of ${known.length}`);
    assert.ok(Math.abs(most - longest) < 2000 || most > longest, `${most} us of ${longest}`);
  });

  it('keeps each stall with its length and its culprit', async () => {
    await watch();
    const load = keepAsking(gateway);
    const before = gateway.iterations().length;
    const ways: { way: WayToStall; asked: number; answered: number }[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const way of waysToStall) {
        const asked = Number(process.hrtime.bigint());
        await gateway.stall(way, 0.012 + 0.002 * round);
        ways.push({ way, asked, answered: Number(process.hrtime.bigint()) });
      }
    await load.stop();
    const known = gateway.iterations().slice(before);
    const { rows, state } = await unwatch();
    const stalls = stallsOf(rows);
    assert.equal(Number(state.lostEvents), 0);
    const sure = known.filter((each) => lengthOf(each) >= THRESHOLD + EDGE);
    const possible = known.filter((each) => lengthOf(each) >= THRESHOLD - EDGE);
    console.log(`      ${stalls.length} of ${sure.length} stalls`);
    assert.ok(stalls.length >= sure.length && stalls.length <= possible.length);
    const origin = originOf(stalls.map(({ timeUs }) => timeUs * 1000), possible);
    const right: Record<string, number[]> = {};
    for (const each of sure) {
      const stall = stalls.find(
        ({ timeUs }) => Math.abs(timeUs * 1000 + origin - each.began) < 2 * MS,
      );
      assert.ok(stall, `no stall at ${each.began}`);
      const length = lengthOf(each) / 1000;
      const off = Math.abs(stall.lengthUs - length);
      assert.ok(off < Math.max(2000, 0.05 * length), `${stall.lengthUs} us of ${length}`);
      const sum = stall.functions.reduce((all, { share }) => all + share, 0);
      assert.ok(Math.abs(sum - 1) < 0.01, `shares add up to ${sum}`);
      const way = ways.find(({ asked, answered }) => asked < each.began && answered > each.ended - EDGE);
      if (!way) continue;
      (right[way.way] ??= []).push(stall.functions[0]?.name.endsWith(way.way) ? 1 : 0);
      if (!stall.functions[0]?.name.endsWith(way.way))
        console.log(way.way, length, JSON.stringify(stall.functions));
    }
    const all = Object.values(right).flat();
    console.log(
      `      ${Object.entries(right).map(([way, of]) => `${way} ${of.filter(Boolean).length}/${of.length}`)}`,
    );
    assert.ok(all.length >= ways.length * 0.9, `${all.length} stalls are of a known way`);
    assert.ok(all.filter(Boolean).length >= 0.95 * all.length);
  });

  it('has no stall while its worker is idle', async () => {
    await watch();
    await session.next('batch', ({ instruments }) => (instruments[0]?.watchedUs ?? 0n) > 2_000_000n);
    const { rows } = await unwatch();
    assert.deepEqual(stallsOf(rows), []);
    const points = rows.points('loop.workers');
    assert.ok(points.length > 0);
    for (const { numbers } of points) assert.ok(numbers['idle']! > 0.95 * numbers['interval']!);
  });
});

/** Where the probe's times begin in the ledger's, so that most stalls are where they were. */
function originOf(times: readonly number[], known: readonly Iteration[]): number {
  const near = (origin: number) =>
    times.filter((time) => known.some(({ began }) => Math.abs(time + origin - began) < MS)).length;
  const candidates = known.map(({ began }) => began - times[0]!);
  return candidates.reduce((best, each) => (near(each) > near(best) ? each : best));
}
