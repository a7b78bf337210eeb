/**
 * Samples times period against the CPU time that the scheduler counted, at each rate, for a program
 * that is always busy; then with the kernel's own limit of samples lowered, which it restores.
 *
 *   npm run bench:periods -- [--seconds N]
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { WireSession } from '../native/wire-session';

const LIMIT = '/proc/sys/kernel/perf_event_max_sample_rate';
const RATES = [19, 99, 499, 999, 1999, 3999];
const BUSY = 'local x = 0 while true do for i = 1, 1e6 do x = (x + i) % 65521 end end';

const usedUs = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000;

const total = (counts: readonly number[]) => counts.reduce((sum, each) => sum + each, 0);

async function measure(rateHz: number, seconds: number): Promise<string> {
  const program = spawn('luajit', ['-e', BUSY], { stdio: 'ignore' });
  const pid = program.pid!;
  const session = new WireSession();
  try {
    const target = { case: 'pid', value: pid } as const;
    await session.ask({ case: 'start', value: { target, rateHz, budget: 0 } }, 'started');
    // The first looks find out how many times its period a sample stands for.
    let from = await session.next('batch', ({ health }) => health !== undefined);
    for (let look = 0; look < 3; look++)
      from = await session.next('batch', (batch) => batch.health !== undefined && batch !== from);
    const at = session.received.length;
    const before = usedUs(pid);
    const began = performance.now();
    while (performance.now() - began < seconds * 1000)
      await session.next('batch', () => true, session.received.length);
    const used = usedUs(pid) - before;
    const told = session.received
      .slice(at)
      .flatMap((message) => (message.case === 'batch' ? message.value.stacks : []))
      .reduce((sum, { counts, valuePerCount }) => sum + valuePerCount * total(counts), 0);
    const weights = session.received
      .slice(at)
      .flatMap((m) => (m.case === 'batch' && m.value.health ? [m.value.health.sampleWeight] : []));
    const weight = weights.at(-1) ?? 1;
    const share = ((100 * told) / used).toFixed(2);
    return `${rateHz} Hz: samples stand for ${share} % of the CPU time, weight ${weight.toFixed(2)}`;
  } finally {
    await session.end();
    program.kill('SIGKILL');
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
  const seconds = Number(values.seconds);
  for (const rate of RATES) console.log(await measure(rate, seconds));
  const limit = readFileSync(LIMIT, 'utf8');
  try {
    writeFileSync(LIMIT, '100');
    console.log(`with ${LIMIT} at 100:`);
    for (const rate of [999, 1999]) console.log(await measure(rate, seconds));
  } finally {
    writeFileSync(LIMIT, limit);
  }
}

void main();
