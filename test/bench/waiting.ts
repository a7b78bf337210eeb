/**
 * The waiting profile with many requests in flight: what a look at all of their coroutines costs the probe, and how near
 * the time that it finds is to the clients' ledger. Prints a line of JSON; exit code 1 where a bar is broken.
 *
 *   npm run bench:waiting -- [--requests 1000] [--seconds 8]
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startWaitingGateway, type WaitKind } from '../fixtures/waiting/start';
import { SeriesRows } from '../native/series-rows';
import { WireSession } from '../native/wire-session';
import { verdict } from './verdict';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '8' },
  },
});
const REQUESTS = Number(values.requests);
const SECONDS = Number(values.seconds);
const WAIT_MS = 3000;
/** Of four requests: one sleeps, one reads, one has a coroutine within its own, one a subrequest. */
const COROUTINES = REQUESTS * 1.5;

async function main(): Promise<void> {
  const gateway = await startWaitingGateway(4 * REQUESTS + 64);
  const kinds: readonly WaitKind[] = ['sleep', 'read', 'coroutine', 'capture'];
  const running = gateway.run(
    kinds.map((kind) => ({ kind, clients: REQUESTS / kinds.length, ms: WAIT_MS })),
  );
  const session = new WireSession();
  try {
    await delay(WAIT_MS);
    const target = { case: 'master', value: gateway.nginx.pid } as const;
    await session.ask({ case: 'start', value: { target, rateHz: 19, budget: 0 } }, 'started');
    session.send({ case: 'watch', value: { instrument: 'waiting', on: true } });
    await delay(1500);
    const states = () =>
      session.received
        .flatMap((m) => (m.case === 'batch' ? m.value.instruments : []))
        .filter(({ instrument }) => instrument === 'waiting');
    const sumMs = () =>
      SeriesRows.of(session)
        .stacks('waiting')
        .reduce((sum, { value }) => sum + value / 1000, 0);
    const ledgerMs = () => Object.values(running.ledger()).reduce((sum, ms) => sum + ms, 0);
    const [first, foundFirst, knownFirst] = [states().length, sumMs(), ledgerMs()];
    const before = states().at(-1)!;
    await delay(1000 * SECONDS);
    const after = states().at(-1)!;
    const costs = states().slice(first);
    const percent = costs.reduce((sum, { costPercent }) => sum + costPercent, 0) / costs.length;
    const watchedSeconds = Number(after.watchedUs - before.watchedUs) / 1e6;
    const looks = Number(after.events - before.events) / REQUESTS / watchedSeconds;
    verdict(
      'waiting',
      {
        look: {
          value: (percent / 100 / looks) * 1000,
          bar: (3 * COROUTINES) / 1000,
          unit: 'ms a look',
        },
        off: {
          value: Math.abs((sumMs() - foundFirst) / (ledgerMs() - knownFirst) - 1) * 100,
          bar: 2,
          unit: '% off the ledger',
        },
      },
      { requests: REQUESTS, coroutines: COROUTINES, looksPerSecond: looks, costPercent: percent },
    );
  } finally {
    await session.end();
    await running.stop();
    await gateway.stop();
  }
}

void main();
