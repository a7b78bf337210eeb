/** The budget of a trace holds on a worker that is busy throughout, and figures stay true. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Health, RateLimit } from '../../extension/probe/generated/acupoint_pb';
import { waitFor } from '../fixtures/wait';
import { record, withScript } from './trace/recording';
import { WireSession } from './wire-session';

const ASKED_HZ = 4999;
/** Percent of a core; at the rate asked for a trace costs several times as much. */
const BUDGET = 0.6;

describe('the budget of a trace', () => {
  it('brings the rate down until the cost measured lies below it, and says so once', async () => {
    await withScript('known.lua', [], async (pid) => {
      const session = new WireSession();
      await session.next('hello');
      const value = { target: { case: 'pid', value: pid }, rateHz: ASKED_HZ, budget: BUDGET * 100 };
      await session.ask({ case: 'start', value } as never, 'started');
      const describe = () =>
        healthsOf(session)
          .map((each) => costOf(each).toFixed(2))
          .join(' ');
      await waitFor('the cost to be within the budget', () => isKept(healthsOf(session)), {
        timeoutMs: 30_000,
        describe,
      });
      const healths = healthsOf(session);
      const rates = healths.map(({ rateHz }) => rateHz);
      assert.equal(rates[0], ASKED_HZ);
      assert.equal(healths.at(-1)?.rateLimit, RateLimit.BUDGET);
      // Down, and not up and down: it is not raised into what was too much a moment ago.
      assert.ok((rates.at(-1) ?? 0) < ASKED_HZ / 2, rates.join(' '));
      for (let i = 1; i < rates.length; i++) assert.ok(rates[i]! <= rates[i - 1]!, rates.join(' '));
      const told = session.received.filter(
        ({ case: kind, value }) => kind === 'notice' && /may cost 0\.60 %/.test(value.text),
      );
      assert.equal(told.length, 1);
      await session.end();
    });
  });

  it('keeps shares and times right while the rate changes', async () => {
    await withScript('known.lua', [], async (pid) => {
      const before = cpuSeconds(pid);
      const recording = await record(pid, 10, ASKED_HZ, { budget: BUDGET });
      const used = cpuSeconds(pid) - before;
      const { rateHz } = recording.json.health;
      assert.ok(rateHz < ASKED_HZ / 2, `${rateHz} Hz`);
      const sampled = recording.stacks.reduce((sum, { us }) => sum + us, 0) / 1e6;
      // The probe takes a moment to attach, in which the process runs on.
      assert.ok(sampled > used * 0.9 - 0.5 && sampled < used * 1.05, `${sampled} s of ${used} s`);
      const share =
        recording.stacks
          .filter(({ frames }) => frames.some(({ name }) => name === 'three_quarters'))
          .reduce((sum, { us }) => sum + us, 0) /
        (sampled * 1e6);
      assert.ok(Math.abs(share - 0.75) < 0.02, `three_quarters has ${share}`);
      assert.match(
        recording.stderr,
        /cost in the kernel: [\d.]+ % of a core\ncost of the probe: [\d.]+ % of a core, at/,
      );
    });
  });
});

function costOf({ probeCpuPercent, kernelCpuPercent, stoppedPercent }: Health): number {
  return probeCpuPercent + kernelCpuPercent + stoppedPercent;
}

/** For three seconds in a row. */
function isKept(healths: readonly Health[]): boolean {
  const last = healths.slice(-3);
  const within = (health: Health) => health.rateHz < ASKED_HZ && costOf(health) <= BUDGET;
  return last.length === 3 && last.every(within);
}

function healthsOf({ received }: WireSession): Health[] {
  return received.flatMap(({ case: kind, value }) =>
    kind === 'batch' && value.health ? [value.health] : [],
  );
}

/** By the scheduler's account, which counts nanoseconds. */
function cpuSeconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;
}
