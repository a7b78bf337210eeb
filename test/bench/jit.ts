/**
 * The probe's cost of a look at the compiler of a VM of many functions, while their memory is
 * searched and afterwards. Prints one line of JSON.
 */
import { join } from 'node:path';
import { startLeashed } from '../fixtures/leash';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import { Seen } from '../native/jit/seen';
import { childrenOf } from '../native/nginx';
import { verdict } from './verdict';

const FUNCTIONS = 5000;
const SECONDS = 20;
/** The looks that the instrument takes where it may cost what it likes. */
const LOOKS_A_SECOND = 10;

async function main(): Promise<void> {
  const script = join(repositoryRoot, 'test/bench/lua/functions.lua');
  const process = startLeashed('luajit', [script, `${FUNCTIONS}`]);
  const seen = new Seen();
  try {
    await waitFor('luajit to be ready', () => process.output().includes('ready'), {
      timeoutMs: 60_000,
      describe: () => process.output(),
    });
    const pid = childrenOf(process.group)[0] ?? process.group;
    await seen.start({ case: 'pid', value: pid });
    const costs = () =>
      seen.batches.flatMap(({ instruments }) => instruments.map((state) => state.costPercent));
    await waitFor('the time to pass', () => costs().length >= SECONDS, { timeoutMs: 60_000 });
    // The first one may have begun before it was watched.
    const looks = costs()
      .slice(1)
      .map((percent) => (percent / 100 / LOOKS_A_SECOND) * 1000);
    const vm = seen.vms().at(-1);
    verdict(
      'jit',
      {
        mostMs: { value: Math.max(...looks), bar: 1, unit: 'ms a look, of each second' },
        restMs: { value: Math.min(...looks), bar: 1, unit: 'ms a look, when nothing is searched' },
      },
      { functions: FUNCTIONS, traces: vm?.traces, givenUp: seen.blacklisted().length },
    );
  } finally {
    await seen.session.end();
    await process.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
