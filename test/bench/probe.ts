/**
 * The cost of a probe on the host: its size, and, at 99 Hz on one worker under load for
 * BENCH_SECONDS (default 20), its memory, its CPU and its wire. Prints one line of JSON; exit code
 * 1 where a bar is broken.
 */
import { readFile, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startLoad } from '../fixtures/gateway/load';
import { startGateway } from '../fixtures/gateway/start';
import { probePath } from '../native/binary';
import { withDescendants } from '../native/confine/status';
import { WireSession } from '../native/wire-session';
import { rssMegabytes } from './rss';
import { verdict } from './verdict';

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 20);
/** The dictionary is sent in the first seconds; after them the wire is in its steady state. */
const WARM_UP_SECONDS = 5;
const TICKS_PER_SECOND = 100;

async function main(): Promise<void> {
  const gateway = await startGateway();
  const load = startLoad(gateway.port);
  const session = new WireSession();
  try {
    const [worker] = await gateway.workerPids();
    if (worker === undefined) throw new Error('The gateway has no worker.');
    await session.next('hello');
    const target = { case: 'pid', value: worker } as const;
    await session.ask(
      { case: 'start', value: { target, rateHz: 99, requestLabels: true } },
      'started',
    );
    await delay(WARM_UP_SECONDS * 1000);
    const before = {
      bytes: session.bytes,
      cpu: await cpuSeconds(session.pid),
      at: performance.now(),
    };
    await delay(SECONDS * 1000);
    const from = session.received.length;
    const seconds = (performance.now() - before.at) / 1000;
    const { health } = await session.next('batch', (batch) => batch.health !== undefined, from);
    const { size } = await stat(probePath());
    verdict(
      'probe',
      {
        sizeMB: { value: size / 1e6, bar: 1.5, unit: 'MB' },
        rssMB: { value: await rssMegabytes(session.pid), bar: 12, unit: 'MB' },
        cpuPercent: {
          value: (((await cpuSeconds(session.pid)) - before.cpu) / seconds) * 100,
          bar: 0.5,
          unit: '% of a core',
        },
        wireKBPerSecond: {
          value: (session.bytes - before.bytes) / seconds / 1000,
          bar: 10,
          unit: 'KB/s',
        },
      },
      {
        seconds: Math.round(seconds),
        rateHz: 99,
        ownFigures: {
          probeCpuPercent: health?.probeCpuPercent,
          kernelCpuPercent: health?.kernelCpuPercent,
        },
        samples: Number(health?.samples),
        load: await load.stop(),
      },
    );
  } finally {
    await session.end();
    await load.stop();
    await gateway.stop();
  }
}

/** User and system time of all threads of it and its keeper. */
async function cpuSeconds(pid: number): Promise<number> {
  const seconds = withDescendants(pid).map(async (each) => {
    const line = await readFile(`/proc/${each}/stat`, 'utf8');
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  });
  return (await Promise.all(seconds)).reduce((all, each) => all + each, 0);
}

void main();
