/** Where requests wait, against the ledger of their clients. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Ledger,
  type Load,
  startWaitingGateway,
  type WaitingGateway,
  type WaitKind,
} from '../../fixtures/waiting/start';
import { waitFor } from '../../fixtures/wait';
import { SeriesRows, type StackRow } from '../series-rows';
import { WireSession } from '../wire-session';

const SECONDS = 12;

/** The innermost frames of the rows of a kind, by their mark and the lines of waits.lua. */
const marks: Readonly<Record<WaitKind, RegExp>> = {
  sleep: /^\[waits for: sleep\]/,
  read: /^\[waits for: read, 127\.0\.0\.1:\d+\]$/,
  lock: /^\[waits for: lock\]$/,
  dns: /^\[waits for: DNS, 127\.0\.0\.1:\d+\]$/,
  semaphore: /^\[waits for: semaphore\]$/,
  coroutine: /^\[waits for: sleep\]$/,
  resumed: /^\[waits for: sleep\]$/,
  threads: /^\[waits for: sleep\]$/,
  capture: /^\[waits for: sleep\]$/,
  header: /^\[waits for: upstream: header, 127\.0\.0\.1:\d+\]$/,
  body: /^\[waits for: upstream: body, 127\.0\.0\.1:\d+\]$/,
  slowClient: /^\[waits for: client to read\]$/,
  slowBody: /^\[waits for: body of the client\]$/,
  slowHeader: /^\[waits for: header of the client\]$/,
};
/** Comments of the lines that a kind waits at. */
const lines: Readonly<Partial<Record<WaitKind, readonly string[]>>> = {
  sleep: ['sleep'],
  read: ['read'],
  lock: ['lock'],
  dns: ['dns'],
  semaphore: ['semaphore'],
  coroutine: ['coroutine'],
  resumed: ['resumed'],
  threads: ['thread one', 'thread two'],
  capture: ['within'],
};

describe('waiting requests', function () {
  this.timeout(90_000);
  let gateway: WaitingGateway;
  let session: WireSession;
  before(async () => {
    gateway = await startWaitingGateway();
  });
  after(() => gateway.stop());
  afterEach(() => session.end());

  const isOf = (kind: WaitKind, { frames }: StackRow): boolean => {
    const comments = lines[kind];
    const isThere =
      comments === undefined
        ? kind === 'slowBody' || frames.length === 1
        : comments.some((comment) =>
            frames.some(
              ({ file, line }) => file.endsWith('waits.lua') && line === gateway.line(comment),
            ),
          );
    return isThere && marks[kind].test(frames.at(-1)!.name);
  };

  /** Milliseconds by kind, those of no kind, and what the clients' ledger says of the same time. */
  async function watch(loads: readonly Load[], seconds = SECONDS) {
    session = new WireSession();
    const target = { case: 'master', value: gateway.nginx.pid } as const;
    const value = { target, rateHz: 19, budget: 0 };
    await session.ask({ case: 'start', value }, 'started');
    const running = gateway.run(loads);
    // Until requests are known for what they are.
    await delay(1000);
    session.send({ case: 'watch', value: { instrument: 'waiting', on: true } });
    await waitFor('a look', () => SeriesRows.of(session).stacks('waiting').length > 0);
    const before = { ledger: running.ledger(), rows: sums() };
    await delay(1000 * seconds);
    const after = { ledger: running.ledger(), rows: sums() };
    const from = session.received.length;
    session.send({ case: 'watch', value: { instrument: 'waiting', on: false } });
    const last = await session.next(
      'batch',
      ({ instruments }) => instruments.some(({ on }) => !on),
      from,
    );
    await running.stop();
    return {
      found: difference(after.rows, before.rows),
      known: difference(after.ledger, before.ledger),
      state: last.instruments.find(({ instrument }) => instrument === 'waiting')!,
    };
  }

  function sums(): Ledger & { other?: number } {
    const found: Partial<Record<WaitKind | 'other', number>> = {};
    for (const row of SeriesRows.of(session).stacks('waiting')) {
      const kind = (Object.keys(marks) as WaitKind[]).find((each) => isOf(each, row)) ?? 'other';
      found[kind] = (found[kind] ?? 0) + row.value / 1000;
    }
    return found;
  }

  function difference<T extends Readonly<Record<string, number>>>(a: T, b: T): Map<string, number> {
    return new Map(Object.entries(a).map(([kind, ms]) => [kind, ms - (b[kind] ?? 0)]));
  }

  const sumOf = (values: ReadonlyMap<string, number>) =>
    [...values.values()].reduce((sum, ms) => sum + ms, 0);

  function assertAlike(found: Map<string, number>, known: Map<string, number>) {
    const text = () =>
      `${JSON.stringify([...found])} where ${JSON.stringify([...known])}: ` +
      [
        ...new Set(
          SeriesRows.of(session)
            .stacks('waiting')
            .map(({ frames }) => frames.map(({ name, line }) => `${name}:${line}`).join(';')),
        ),
      ].join('\n');
    for (const [kind, ms] of known) {
      const share = (found.get(kind) ?? 0) / sumOf(found);
      assert.ok(Math.abs(share - ms / sumOf(known)) < 0.02, `${kind} ${share}: ${text()}`);
    }
    assert.ok((found.get('other') ?? 0) < 0.02 * sumOf(found), text());
    assert.ok(Math.abs(sumOf(found) / sumOf(known) - 1) < 0.06, text());
  }

  it('have the shares that their clients know, whatever Lua waits for', async () => {
    const { found, known } = await watch([
      { kind: 'sleep', clients: 12, ms: 240 },
      { kind: 'read', clients: 6, ms: 360 },
      { kind: 'lock', clients: 4, ms: 280 },
      { kind: 'dns', clients: 4, ms: 320 },
      { kind: 'semaphore', clients: 4, ms: 300 },
      { kind: 'coroutine', clients: 4, ms: 260 },
      { kind: 'resumed', clients: 4, ms: 340 },
    ]);
    assertAlike(found, known);
  });

  it('are what runs in them: light threads and subrequests, not who waits for these', async () => {
    const { found, known } = await watch([
      { kind: 'threads', clients: 8, ms: 320 },
      { kind: 'capture', clients: 8, ms: 280 },
      { kind: 'sleep', clients: 4, ms: 200 },
    ]);
    assertAlike(found, known);
  });

  it('are those of nginx itself, too: upstreams, bodies and clients that are slow', async () => {
    const { found, known } = await watch([
      { kind: 'header', clients: 6, ms: 360 },
      { kind: 'body', clients: 6, ms: 440 },
      { kind: 'slowClient', clients: 2, ms: 700 },
      { kind: 'slowBody', clients: 4, ms: 480 },
      { kind: 'slowHeader', clients: 3, ms: 500 },
      { kind: 'sleep', clients: 3, ms: 240 },
    ]);
    assertAlike(found, known);
  });
});
