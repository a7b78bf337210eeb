/**
 * Shares of allocated bytes against a ledger in the worker, on mixes by chance of six allocators that
 * differ in order and amounts, as `acupoint allocations` tells them at its defaults. Every third mix
 * has two kinds of requests in turn. Prints a row for each mix and one line of JSON. Needs root.
 *
 *   npm run bench:mixes -- [--mixes 20] [--seconds 15] [--budget 1] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { chance, randomList, startMix } from '../fixtures/allocations/mixes';
import { run } from '../integration/cli/command';
import { keepBusy } from '../native/nginx';
import { median, verdict } from './verdict';

const { values } = parseArgs({
  options: {
    mixes: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '15' },
    budget: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
  },
});

interface Answer {
  readonly samples: number;
  readonly bytes: number;
  readonly lostBytes: number;
  readonly bytesPerRequest: number | null;
  readonly requests: number | null;
  readonly owners: readonly { name: string; bytes: number; shareError: number | null }[];
}

async function measure(seed: number) {
  const next = chance(seed);
  const mix = seed % 3 === 0 ? [randomList(next), randomList(next)] : [randomList(next)];
  const nginx = await startMix(mix);
  const busy = keepBusy(nginx);
  try {
    await nginx.ledger();
    const options = ['--seconds', values.seconds, '--budget', values.budget, '--json'];
    const ended = await run('allocations', '--master', String(nginx.pid), ...options);
    if (ended.code !== 0) throw new Error(ended.stderr);
    const answer = JSON.parse(ended.stdout) as Answer;
    const { shares: known, bytesPerRequest: each } = await nginx.ledger();
    const told = answer.owners.filter(({ name }) => name in known);
    const all = told.reduce((sum, { bytes }) => sum + bytes, 0);
    const rows = Object.entries(known).map(([way, share]) => {
      const row = told.find(({ name }) => name === way);
      const off = Math.abs((row?.bytes ?? 0) / all - share) * 100;
      return { way, share, off, half: (row?.shareError ?? 1) * 100 };
    });
    const { requests, bytesPerRequest, bytes, lostBytes, samples } = answer;
    return {
      rows,
      requests,
      samples,
      lost: lostBytes / bytes,
      each: (bytesPerRequest ?? 0) / each,
    };
  } finally {
    await busy.stop();
    await nginx.stop();
  }
}

async function main(): Promise<void> {
  const offs: number[] = [];
  let [held, shares, within] = [0, 0, 0];
  const [mixes, first] = [Number(values.mixes), Number(values.seed)];
  for (let i = 0; i < mixes; i++) {
    const { rows, requests, samples, lost, each } = await measure(first + i);
    const worst = Math.max(...rows.map(({ off }) => off));
    offs.push(worst);
    const holding = rows.filter(({ off, half }) => off <= half).length;
    held += holding;
    shares += rows.length;
    within += worst <= 3 || holding === rows.length ? 1 : 0;
    const said = rows
      .map(
        ({ way, share, off, half }) =>
          `${way} ${(share * 100).toFixed(1)} off ${off.toFixed(1)} ±${half.toFixed(1)}`,
      )
      .join(', ');
    const seen = `${samples} samples, ${(lost * 100).toFixed(1)} % lost, ${requests} requests`;
    console.log(
      `mix ${first + i}: ${said}; ${seen}, bytes a request ${each.toFixed(3)} of the known`,
    );
  }
  verdict(
    'mixes',
    {
      // In 19 of 20 mixes all is within 3 points, or the interval holds.
      mixesBeyond: { value: mixes - within, bar: Math.ceil(mixes / 20), unit: 'mixes' },
      intervalsMissedPercent: { value: 100 * (1 - held / shares), bar: 7, unit: '%' },
      medianWorstPoints: { value: median(offs), bar: 3, unit: 'points' },
    },
    { worstPoints: Math.max(...offs), mixes, seconds: values.seconds, budget: values.budget },
  );
}

void main();
