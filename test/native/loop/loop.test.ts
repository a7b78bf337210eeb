/** Iterations of the event loop against a ledger of each wait for events. */
import assert from 'node:assert/strict';
import { waitFor } from '../../fixtures/wait';
import {
  type Iteration,
  linesOf,
  type StallingGateway,
  startStallingGateway,
  waysToStall,
  type WayToStall,
} from '../../fixtures/loop/start';
import { SeriesRows } from '../series-rows';
import { WireSession } from '../wire-session';
import { type Stall, stallsOf } from './stalls';

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

interface Asked {
  readonly way: WayToStall;
  readonly asked: number;
  readonly answered: number;
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

  /** Watches until the uprobes stand, if the budget pays for them. */
  async function watch({ budget = 0, all = false } = {}): Promise<void> {
    session = new WireSession();
    const target = all
      ? ({ case: 'master', value: gateway.master } as const)
      : ({ case: 'pid', value: gateway.worker } as const);
    await session.ask({ case: 'start', value: { target, rateHz: 99, budget } }, 'started');
    session.send({ case: 'watch', value: { instrument: 'loop', on: true } });
    await session.next('batch', ({ instruments }) => (instruments[0]?.elapsedUs ?? 0n) > 400_000n);
    // The iteration that runs when they are placed is not whole.
    await gateway.ask();
    await gateway.ask();
  }

  /** Asks for so much that no uprobe stands any more. */
  async function useUp(): Promise<void> {
    const load = keepAsking(gateway);
    const before = gateway.iterations().length;
    await waitFor('iterations', () => gateway.iterations().length > before + 3000);
    await load.stop();
    const isOut = ({ instruments }: { instruments: { watchedUs: bigint; elapsedUs: bigint }[] }) =>
      instruments.some(({ watchedUs, elapsedUs }) => watchedUs + 200_000n < elapsedUs);
    await session.next('batch', isOut);
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
    const knownSum = known.reduce((all, each) => all + lengthOf(each), 0) / 1000;
    console.log(`      ${asked} requests, ${count} of ${known.length} iterations`);
    console.log(`      ${sum} us of ${knownSum.toFixed(0)}`);
    assert.equal(Number(state.lostEvents), 0);
    // Iterations of the two requests before may be among them.
    assert.ok(count >= known.length && count <= known.length + 3, `${count} of ${known.length}`);
    // The uprobe itself, and the calls on the way to the wait and back.
    assert.ok(Math.abs(sum - knownSum) < 60 * count, `${sum} us of ${knownSum}`);
  });

  it('keeps each stall with its length and its culprit', async () => {
    await watch();
    const { state, right, missed } = await provoke(waysToStall);
    assert.equal(missed.length, 0);
    assert.equal(Number(state.lostEvents), 0);
    assert.ok(right.filter(Boolean).length >= 0.95 * right.length);
  });

  it('finds stalls by the clock of nginx where the budget pays for no uprobe', async () => {
    await watch({ budget: 1 });
    await useUp();
    const ways = waysToStall.filter((way) => way !== 'in_parts');
    const { state, right, missed } = await provoke(ways, false);
    assert.ok(state.elapsedUs - state.watchedUs > 1_000_000n, 'a uprobe stood');
    // How long it lasts is looked at every 2 ms of CPU time, and when it is blocked.
    const long = missed.filter((each) => lengthOf(each) > THRESHOLD + 3 * MS);
    assert.ok(long.length <= 0.05 * right.length, `${long.map(lengthOf).join()} ns are missed`);
    assert.ok(right.filter(Boolean).length >= 0.95 * right.length);
  });

  /** Stalls in each way among short requests: which were found at the right function, which not at all. */
  async function provoke(wanted: readonly WayToStall[], isExact = true) {
    const load = keepAsking(gateway);
    const before = gateway.iterations().length;
    const ways: Asked[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const way of wanted) {
        const asked = Number(process.hrtime.bigint());
        await gateway.stall(way, 0.012 + 0.002 * round);
        ways.push({ way, asked, answered: Number(process.hrtime.bigint()) });
      }
    await load.stop();
    // An iteration is in the ledger when the wait after it is over.
    await gateway.ask();
    const known = gateway.iterations().slice(before);
    const { rows, state } = await unwatch();
    const stalls = stallsOf(rows);
    const sure = known.filter((each) => lengthOf(each) >= THRESHOLD + EDGE);
    const times = stalls.map(({ timeUs }) => timeUs * 1000);
    const origin = originOf(times, sure);
    const found = new Set<Stall>();
    const missed: Iteration[] = [];
    const right: boolean[] = [];
    for (const each of sure) {
      const isIt = (stall: Stall) => Math.abs(stall.timeUs * 1000 + origin - each.began) < 2 * MS;
      const stall = stalls.find(isIt);
      if (!stall) {
        missed.push(each);
        continue;
      }
      found.add(stall);
      const length = lengthOf(each) / 1000;
      // By the clock alone a length is the least that it was.
      const less = isExact ? length - stall.lengthUs : 0;
      const off = Math.max(stall.lengthUs - length, less);
      assert.ok(off < Math.max(2000, 0.05 * length), `${stall.lengthUs} us of ${length}`);
      const sum = stall.functions.reduce((all, { share }) => all + share, 0);
      assert.ok(Math.abs(sum - 1) < 0.01, `shares add up to ${sum}`);
      const overlap = ({ asked, answered }: Asked) =>
        Math.min(answered, each.ended) - Math.max(asked, each.began);
      const way = ways.reduce((best, one) => (overlap(one) > overlap(best) ? one : best));
      if (overlap(way) < THRESHOLD / 2) continue;
      right.push(isAt(stall, way.way));
      if (!isAt(stall, way.way)) console.log(way.way, length, JSON.stringify(stall.functions));
    }
    const others = stalls.filter((stall) => !found.has(stall));
    // Without a CPU between the uprobe and the ledger's clock: to the ledger, that is a wait.
    assert.ok(others.length <= 3, `${others.length} stalls where none was`);
    for (const stall of others) assert.ok(!waysToStall.some((way) => isAt(stall, way)));
    console.log(
      `      ${found.size} of ${sure.length} stalls, ${right.filter(Boolean).length} at their function`,
    );
    assert.ok(right.length >= 0.85 * ways.length, `${right.length} stalls are of a known way`);
    return { state, right, missed };
  }

  it('makes no stall of a clock that stands still', async () => {
    const first = gateway;
    gateway = await startStallingGateway('timer_resolution 200ms;');
    try {
      await watch({ budget: 1 });
      await useUp();
      const before = gateway.iterations().length;
      const load = keepAsking(gateway);
      await waitFor('iterations', () => gateway.iterations().length > before + 3000);
      await load.stop();
      const known = gateway.iterations().slice(before);
      const says = ({ instruments }: { instruments: { missing: string }[] }) =>
        instruments.some(({ missing }) => missing.includes('timer_resolution'));
      await session.next('batch', says);
      const { rows } = await unwatch();
      const long = known.filter((each) => lengthOf(each) >= THRESHOLD - EDGE);
      assert.ok(stallsOf(rows).length <= long.length, JSON.stringify(stallsOf(rows)));
    } finally {
      await gateway.stop();
      gateway = first;
    }
  });

  it('has no stall while its worker is idle', async () => {
    await watch();
    await session.next(
      'batch',
      ({ instruments }) => (instruments[0]?.watchedUs ?? 0n) > 2_000_000n,
    );
    const { rows } = await unwatch();
    assert.deepEqual(stallsOf(rows), []);
    const points = rows.points('loop.workers');
    assert.ok(points.length > 0);
    for (const { numbers } of points) assert.ok(numbers['idle']! > 0.95 * numbers['interval']!);
  });

  it('are of the workers that a reload brings, too', async () => {
    await watch({ all: true });
    await gateway.stall('execute', 0.02);
    gateway.reload();
    await waitFor('another worker', () => {
      const [worker, ...others] = gateway.workers();
      return worker !== undefined && worker !== gateway.worker && others.length === 0;
    });
    const isOther = ({ health }: { health?: { pids: number[] } | undefined }) =>
      health?.pids.length === 1 && health.pids[0] !== gateway.worker;
    await session.next('batch', isOther);
    for (let round = 0; round < 3; round++) await gateway.stall('execute', 0.02);
    const { rows } = await unwatch();
    const pids = new Set(stallsOf(rows).map(({ pid }) => pid));
    assert.deepEqual(pids, new Set([gateway.worker, ...gateway.workers()]));
  });
});

function isAt({ functions: [culprit] }: Stall, way: WayToStall): boolean {
  const [first, last] = linesOf(way);
  const { name = '', line = 0 } = culprit ?? {};
  return name.endsWith(way) && line > first && line < last;
}

/** Where the probe's times begin in the ledger's, so that most stalls are where they were. */
function originOf(times: readonly number[], known: readonly Iteration[]): number {
  const near = (origin: number) =>
    times.filter((time) => known.some(({ began }) => Math.abs(time + origin - began) < MS)).length;
  const candidates = known.map(({ began }) => began - times[0]!);
  return candidates.reduce((best, each) => (near(each) > near(best) ? each : best));
}
