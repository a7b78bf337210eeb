import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { startHeapGateway } from '../../fixtures/heap/start';
import { RecordReader } from '../../../extension/analysis/heap/records';
import { waitFor } from '../../fixtures/wait';
import { withDescendants } from '../confine/status';
import { childrenOf, type Nginx } from '../nginx';
import { WireSession } from '../wire-session';

describe('heap snapshots over the wire', function () {
  this.timeout(60_000);
  let nginx: Nginx;
  let worker: number;
  let session: WireSession;

  before(async () => {
    nginx = await startHeapGateway(100);
    worker = nginx.workers()[0]!;
  });
  after(() => nginx.stop());
  beforeEach(() => {
    session = new WireSession();
  });
  afterEach(() => session.end());

  /** Below the keeper, which takes none itself. */
  const takers = () => childrenOf(session.pid).flatMap(childrenOf);
  const take = (maxPauseMs = 2000) =>
    ({ case: 'takeHeap', value: { pid: worker, maxPauseMs } }) as const;

  it('come in pieces, and leave no process behind', async () => {
    await session.ask(take(), 'heap');
    await session.next('heap', ({ done }) => done);
    const reader = new RecordReader({
      progress: () => undefined,
      taken: (_, copied) => assert.ok(copied > 1e6),
      failure: (_, text) => assert.fail(text),
      graph: () => undefined,
    });
    for (const message of session.received)
      if (message.case === 'heap' && !message.value.done) reader.push(message.value.piece);
    assert.ok(reader.ended);
    assert.deepEqual(takers(), []);
  });

  it('are taken one at a time, within sensible limits', async () => {
    assert.match((await session.refusal(take(0))).text, /from 1 to 10000 ms/);
    session.send(take());
    assert.match((await session.refusal(take())).text, /being taken already/);
  });

  it('can be cancelled', async () => {
    const request = session.send(take());
    session.send({ case: 'cancelHeap', value: {} });
    const { text } = await session.next('failure', (failure) => failure.request === request);
    assert.match(text, /cancelled/);
    assert.deepEqual(takers(), []);
    await session.ask(take(), 'heap');
  });

  it('end with the probe, however it ends', async () => {
    await session.ask(take(), 'heap');
    const [, ...children] = withDescendants(session.pid);
    assert.ok(children.length >= 2, 'the keeper and what it started');
    process.kill(session.pid, 'SIGKILL');
    await waitFor('its process to end', () =>
      children.every((pid) => !readdirSync('/proc').includes(String(pid))),
    );
    await nginx.load();
  });

  it('are not needed to know how much memory a worker has', async () => {
    await session.ask(
      { case: 'start', value: { target: { case: 'pid', value: worker }, rateHz: 99 } },
      'started',
    );
    const { memory } = await session.next('batch', (batch) => batch.memory.length > 0);
    const [entry] = memory;
    assert.equal(entry?.pid, worker);
    assert.equal(entry.vms, 1);
    // The fixture holds this much at this scale, and a worker needs some besides.
    assert.ok(entry.gcTotal > 40e6 && entry.gcTotal < 100e6, String(entry.gcTotal));
    assert.ok(entry.rssBytes > entry.gcTotal);
  });
});
