/** Allocations over the wire: turned on and off, added up, and gone with the probe. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { RequestScope } from '../../../extension/probe/generated/acupoint_pb';
import { type AllocatingGateway, startAllocatingGateway } from '../../fixtures/allocations/start';
import { waitFor } from '../../fixtures/wait';
import { keepBusy } from '../nginx';
import { SeriesRows } from '../series-rows';
import { WireSession } from '../wire-session';

type Batch = Awaited<ReturnType<WireSession['next']>> & { $typeName: 'acupoint.wire.v1.Batch' };

/** Bytes of lj_alloc_f in which a breakpoint may stand: it has branches into what allocates. */
const ALLOCATOR = 256;

describe('allocations over the wire', function () {
  this.timeout(60_000);
  let nginx: AllocatingGateway;
  let busy: ReturnType<typeof keepBusy>;
  let session: WireSession;

  before(async () => {
    nginx = await startAllocatingGateway({ workers: 2 });
    busy = keepBusy(nginx);
  });
  after(async () => {
    await busy.stop();
    await nginx.stop();
  });
  afterEach(() => session.end());

  async function start(options: ConstructorParameters<typeof WireSession>[0] = {}) {
    session = new WireSession(options);
    const target = { case: 'master', value: nginx.pid } as const;
    await session.ask({ case: 'start', value: { target, rateHz: 99 } }, 'started');
  }

  const watch = (on: boolean) =>
    ({ case: 'watch', value: { instrument: 'allocations', on } }) as const;

  /** Rows that have values of their own: no other series of this trace has. */
  const allocated = (...of: Batch[]) =>
    of.flatMap(({ stacks }) => stacks).filter(({ values }) => values.length > 0);

  const batches = () =>
    session.received
      .filter(({ case: kind }) => kind === 'batch')
      .map(({ value }) => value as Batch);

  it('add up, and say so once more when they are turned off', async () => {
    await start();
    session.send(watch(true));
    await session.next('batch', ({ instruments }) => (instruments[0]?.requests ?? 0n) > 10n);
    const after = session.received.length;
    session.send(watch(false));
    const isOff = ({ instruments }: Batch) => instruments[0]?.on === false;
    const [bursts] = (await session.next('batch', isOff, after)).instruments;
    assert.ok(bursts);
    const rows = SeriesRows.of(session).stacks('allocated');
    const bytes = rows.reduce((sum, { value }) => sum + value, 0);
    assert.equal(bytes + Number(bursts.lostValue), Number(bursts.value));
    const burst = `${bursts.value} in ${bursts.events}, ${bursts.watchedUs} of ${bursts.elapsedUs} us`;
    assert.ok(bursts.value > 100_000n && bursts.events > 100n, burst);
    assert.ok(bursts.watchedUs > 0n && bursts.watchedUs < bursts.elapsedUs, burst);
    assert.equal(bursts.requestScope, RequestScope.REQUESTS_OF_WORKERS);
    assert.equal(bursts.missing, '');
    for (const { stacks, pids, labels, counts, values } of allocated(...batches()))
      for (const column of [pids, labels, counts, values])
        assert.equal(column.length, stacks.length);
    const pids = new Set(rows.map(({ pid }) => pid));
    assert.deepEqual([...pids].sort(), nginx.workers().sort());
    const seen = session.received.length;
    await session.next('batch', ({ health }) => health !== undefined, seen);
    const more = session.received.slice(seen).map(({ value }) => value as Batch);
    assert.ok(more.every(({ instruments }) => instruments.length === 0));
  });

  it('are of the workers that a reload brings, too', async () => {
    await start();
    session.send(watch(true));
    await session.next('batch', (batch) => allocated(batch).length > 0);
    const old = nginx.workers();
    nginx.reload();
    await waitFor('new workers', () => nginx.workers().every((pid) => !old.includes(pid)));
    const after = session.received.length;
    const isNew = (pid: number) => !old.includes(pid);
    await session.next(
      'batch',
      (batch) => allocated(batch).some(({ pids }) => pids.some(isNew)),
      after,
    );
  });

  it('need a trace', async () => {
    session = new WireSession();
    const { text } = await session.refusal(watch(true));
    assert.match(text, /No trace runs/);
  });

  it('need BPF, and say so', async () => {
    await start({ sampler: 'ptrace' });
    const { text } = await session.refusal(watch(true));
    assert.match(text, /BPF and uprobes/);
    await session.next('batch', ({ stacks }) => stacks.length > 0);
  });

  it('leave nothing in a process when the probe is killed during a burst', async () => {
    await start();
    session.send(watch(true));
    const found = await session.next('notice', ({ detail }) => detail.startsWith('global_State'));
    const code = new Code(found.pid, found.detail);
    try {
      const clean = code.read();
      await waitFor('a burst', () => !code.read().equals(clean), { everyMs: 0 });
      process.kill(session.pid, 'SIGKILL');
      await session.exited;
      await waitFor('the code to be as it was', () => code.read().equals(clean), { everyMs: 0 });
      await nginx.load();
    } finally {
      code.close();
    }
  });
});

/** The allocator of a process's VM, as far as a breakpoint may stand in it. */
class Code {
  readonly #memory: number;
  readonly #address: bigint;

  constructor(pid: number, detail: string) {
    this.#memory = openSync(`/proc/${pid}/mem`, 'r');
    const global = BigInt(/0x[0-9a-f]+/.exec(detail)?.[0] ?? '');
    this.#address = [0n, 16n]
      .map((offset) => this.#at(global + offset, 8).readBigUInt64LE())
      .find((address) => isCode(pid, address))!;
  }

  read(): Buffer {
    return this.#at(this.#address, ALLOCATOR);
  }

  close(): void {
    closeSync(this.#memory);
  }

  #at(position: bigint, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    assert.equal(readSync(this.#memory, bytes, { position }), length);
    return bytes;
  }
}

function isCode(pid: number, address: bigint): boolean {
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^(\w+)-(\w+) ..x/gm);
  return [...maps].some(
    ([, start, end]) => address >= BigInt(`0x${start}`) && address < BigInt(`0x${end}`),
  );
}
