/**
 * The cost of off-CPU time at thousands of switches a second, and whether it is still right then:
 * a Lua program sleeps for known short times from two places, one three times as long as the other.
 *
 *   npm run bench:offcpu -- [--seconds N]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { waitFor } from '../fixtures/wait';
import { SeriesRows } from '../native/series-rows';
import { WireSession } from '../native/wire-session';

const PROGRAM = `
local ffi = require("ffi")
ffi.cdef "int usleep(unsigned int us);"
jit.off()
local function short() local result = ffi.C.usleep(SHORT) return result end
local function long() local result = ffi.C.usleep(3 * SHORT) return result end
while true do short() long() end
`;

const switchesOf = (pid: number) => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^voluntary_ctxt_switches:\s*(\d+)/m.exec(status)?.[1]);
};

async function measure(folder: string, shortUs: number, seconds: number): Promise<void> {
  const file = join(folder, `sleep-${shortUs}.lua`);
  writeFileSync(file, PROGRAM.replaceAll('SHORT', String(shortUs)));
  const program = spawn('luajit', [file], { stdio: 'ignore' });
  const pid = program.pid!;
  const session = new WireSession();
  try {
    await waitFor('the program to sleep', () => switchesOf(pid) > 100);
    const target = { case: 'pid', value: pid } as const;
    await session.ask({ case: 'start', value: { target, rateHz: 99, budget: 100 } }, 'started');
    session.send({ case: 'watch', value: { instrument: 'offcpu', on: true } });
    const after = (us: bigint) =>
      session.next('batch', ({ instruments }) => (instruments[0]?.watchedUs ?? 0n) > us);
    await after(2_000_000n);
    const [from, began, at] = [switchesOf(pid), performance.now(), session.received.length];
    while (performance.now() - began < seconds * 1000)
      await session.next('batch', () => true, session.received.length);
    const rate = (switchesOf(pid) - from) / ((performance.now() - began) / 1000);
    const costs = session.received
      .slice(at)
      .flatMap((message) => (message.case === 'batch' ? message.value.instruments : []))
      .map(({ costPercent }) => costPercent);
    const cost = costs.reduce((sum, each) => sum + each, 0) / costs.length;
    const stacks = SeriesRows.of(session).stacks('offcpu');
    const sum = (name?: string) =>
      stacks
        .filter(({ frames }) => name === undefined || frames.some((frame) => frame.name === name))
        .reduce((all, { value }) => all + value, 0);
    const told = SeriesRows.of(session)
      .table('offcpu.reasons')
      .reduce((all, row) => all + row.sum, 0);
    console.log(
      `${rate.toFixed(0)} switches/s: ${cost.toFixed(2)} % of a core; by stack ` +
        `${((sum() / told) * 100).toFixed(1)} % of what was counted, long/short ` +
        `${(sum('long') / sum('short')).toFixed(2)}`,
    );
  } finally {
    await session.end();
    program.kill('SIGKILL');
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '6' } } });
  const folder = mkdtempSync(join(tmpdir(), 'acupoint-offcpu-'));
  try {
    for (const shortUs of [5000, 500, 100, 20])
      await measure(folder, shortUs, Number(values.seconds));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

void main();
