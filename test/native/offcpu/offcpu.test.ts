/** Off-CPU time against the gateway's own ledger of how long it was blocked, and by what. */
import assert from 'node:assert/strict';
import {
  type BlockingGateway,
  kindsOfBlocking,
  startBlockingGateway,
} from '../../fixtures/blocking/start';
import { SeriesRows, type StackRow } from '../series-rows';
import { WireSession } from '../wire-session';

const ROUNDS = 25;
/** After which what blocks by the FFI is compiled, where few calls make a function hot. */
const WARM_UP = 20;
const byFfi = ['sleep', 'lock'] as const;
/** Of a kind's time, with what nobody can know: the ledger's own clock calls. */
const WITHIN = 0.02;

/** Most that two readings of the ledger's clocks are apart, us. */
const CLOCKS = 2000;

/** Blocked while compiled code called C. */
const inCompiled = (rows: SeriesRows) =>
  rows
    .stacks('offcpu')
    .filter(({ labels }) => labels?.trace)
    .reduce((sum, { count }) => sum + count, 0);

for (const compiled of [false, true])
  describe(`off-CPU time of ${compiled ? 'compiled' : 'interpreted'} Lua`, function () {
    testOffCpu.call(this, compiled);
  });

/** LuaJIT decides partly by chance what it compiles: this one, or another that has compiled. */
async function warm(first: BlockingGateway): Promise<BlockingGateway> {
  for (let gateway = first, left = 4; ; left--) {
    for (let round = 0; round < WARM_UP; round++) for (const kind of byFfi) await gateway.run(kind);
    const compiled = await Promise.all(byFfi.map((kind) => gateway.isCompiled(kind)));
    if (compiled.every(Boolean) || left === 0) return gateway;
    await gateway.stop();
    gateway = await startBlockingGateway();
  }
}

function testOffCpu(this: Mocha.Suite, compiled: boolean) {
  this.timeout(90_000);
  let gateway: BlockingGateway;
  let session: WireSession;

  before(async () => {
    gateway = await startBlockingGateway({ compiled });
    if (compiled) gateway = await warm(gateway);
  });
  after(() => gateway.stop());
  afterEach(() => session.end());

  it('is what each kind of call blocked for, by Lua line and by reason', async () => {
    for (let left = 2; ; left--) {
      try {
        return await checkKinds();
      } catch (error) {
        // A hypervisor's slice stands in one of the ledger's clocks and not in the other: as blocked
        // where the thread ran, as run where it was about to wake. No counter tells of each slice.
        if (left === 0) throw error;
        await session.end();
      }
    }
  });

  async function checkKinds(): Promise<void> {
    session = new WireSession();
    const target = { case: 'master', value: gateway.master } as const;
    await session.ask({ case: 'start', value: { target, rateHz: 99 } }, 'started');
    session.send({ case: 'watch', value: { instrument: 'offcpu', on: true } });
    await session.next('batch', ({ instruments }) => instruments.length > 0);
    const before = await gateway.known();
    for (let round = 0; round < ROUNDS; round++)
      for (const kind of kindsOfBlocking) await gateway.run(kind);
    const known = await gateway.known();
    const after = session.received.length;
    session.send({ case: 'watch', value: { instrument: 'offcpu', on: false } });
    const isOver = ({ instruments }: { instruments: { on: boolean }[] }) =>
      instruments.some(({ on }) => !on);
    const { instruments } = await session.next('batch', isOver, after);
    const rows = SeriesRows.of(session);
    const total = rows.stacks('offcpu').reduce((sum, { value }) => sum + value, 0);
    if (compiled) assert.ok(inCompiled(rows) > ROUNDS, 'nothing was compiled');
    const isOf = (kind: string) => (row: StackRow) =>
      row.frames.some(({ name }) => name === kind || name === `M.${kind}`);
    const sum = (some: readonly StackRow[]) => some.reduce((all, { value }) => all + value, 0);
    // In the ledger's own clock calls the thread may wait for a CPU: of no kind, and in its figures.
    const between = sum(
      rows
        .stacks('offcpu')
        .filter((row) => isOf('run')(row) && !kindsOfBlocking.some((kind) => isOf(kind)(row))),
    );
    let allExpected = 0;
    for (const kind of kindsOfBlocking) {
      const expected = known[kind]! - (before[kind] ?? 0);
      allExpected += expected;
      const seen = sum(rows.stacks('offcpu').filter(isOf(kind)));
      console.log(`      ${kind}: ${(seen / expected).toFixed(4)} of ${expected.toFixed(0)} us`);
      const off = Math.abs(seen - expected);
      assert.ok(off < WITHIN * expected + between + CLOCKS, `${kind}: ${seen} of ${expected} us`);
    }
    const withLine = sum(
      rows
        .stacks('offcpu')
        .filter(({ frames }) => frames.some(({ file, line }) => file.endsWith('.lua') && line > 0)),
    );
    assert.ok(withLine > 0.98 * allExpected, `${withLine} of ${allExpected} us have a Lua line`);
    const reasons = rows.table('offcpu.reasons');
    const sumOf = (reason: RegExp) =>
      reasons.filter(({ keys }) => reason.test(keys[0]!)).reduce((sum, row) => sum + row.sum, 0);
    for (const [reason, kinds] of [
      [/^child/, ['execute']],
      [/^file lock/, ['lock']],
      [/^sleep/, ['sleep']],
      [/^connect/, ['connect']],
    ] as const) {
      const expected = kinds.reduce((sum, kind) => sum + known[kind]! - (before[kind] ?? 0), 0);
      assert.ok(sumOf(reason) > expected * 0.95, `${reason.source}: ${sumOf(reason)}`);
    }
    const [state] = instruments;
    assert.equal(Number(state?.lostEvents), 0);
    const told = reasons.reduce((sum, row) => sum + row.sum, 0);
    assert.equal(told, Number(state?.value));
    assert.ok(Math.abs(total / told - 1) < 0.02, `${total} us by stack, ${told} in all`);
  }

  it('is nothing while the gateway waits for requests', async () => {
    session = new WireSession();
    const target = { case: 'master', value: gateway.master } as const;
    await session.ask({ case: 'start', value: { target, rateHz: 99 } }, 'started');
    session.send({ case: 'watch', value: { instrument: 'offcpu', on: true } });
    const watched = ({ instruments }: { instruments: { watchedUs: bigint }[] }) =>
      (instruments[0]?.watchedUs ?? 0n) > 2_000_000n;
    await session.next('batch', watched);
    const total = SeriesRows.of(session)
      .stacks('offcpu')
      .reduce((sum, { value }) => sum + value, 0);
    assert.ok(total < 20_000, `${total} us of 2 s`);
  });
}
