/** The bars of a row, and which of them it misses. */
import type { Findings } from './findings';

const SHARE_POINTS = 2;
const INTERPRETED_LINE = 98;
const COMPILED_LINE = 95;
const COMPLETE = 98;
const UNATTRIBUTED = 0.3;
/** Fewer, and the figures say nothing; an emulator gives the worker some hundred. */
const ENOUGH_SAMPLES = 100;
/** Taken between the last look at the ring and the last look at the counters. */
const IN_FLIGHT = 2;

/** Misses in words; none: it passes. */
export function judge(found: Findings): string[] {
  const misses: string[] = [];
  const bar = (holds: boolean, miss: string) => {
    if (!holds) misses.push(miss);
  };
  const atLeast = (what: string, lowest: number, percent: number, of: number) =>
    bar(percent >= lowest - leeway(lowest, of), `${what} ${percent.toFixed(1)} %`);

  const { samples, ofLoops } = found;
  bar(found.sampler === 'bpf', `sampler ${found.sampler}`);
  bar(samples >= ENOUGH_SAMPLES, `${samples} samples`);
  bar(found.folded >= ENOUGH_SAMPLES, `${found.folded} folded samples`);
  bar(found.uncounted <= IN_FLIGHT && found.uncounted >= 0, `${found.uncounted} uncounted`);
  bar(found.lost === 0, `${found.lost} lost`);
  const off = Math.abs(found.measured - found.expected);
  bar(off <= SHARE_POINTS + leeway(found.expected, ofLoops), `share off by ${off.toFixed(1)}`);
  atLeast('interpreted line', INTERPRETED_LINE, found.interpretedLine, ofLoops / 2);
  atLeast('compiled line', COMPILED_LINE, found.compiledLine, ofLoops / 2);
  atLeast('frames to main', COMPLETE, found.complete, samples);
  bar(
    found.unattributed <= UNATTRIBUTED + leeway(UNATTRIBUTED, samples),
    `unattributed ${found.unattributed.toFixed(2)} %`,
  );
  bar((found.killed.held ?? 0) > 0, 'no BPF object seen while it ran');
  for (const id of found.gateway ? ['offcpu', 'requests', 'errors', 'loop'] : ['offcpu'])
    bar((found.watched[id] ?? 0) > 0, `${found.watched[id] ?? 'no'} events of ${id}`);
  bar('jit' in found.watched, 'no look at the JIT compiler');
  // The kernel's page for uprobes stays.
  for (const left of found.unwatched.left.filter((each) => !each.startsWith('uprobes')))
    misses.push(`after the instruments: ${left}`);
  for (const left of found.exited.left) misses.push(`after its exit: ${left}`);
  for (const left of found.killed.left) misses.push(`after its death: ${left}`);
  return misses;
}

/** How far chance may take a percentage of so many samples: three standard errors. */
function leeway(percent: number, samples: number): number {
  const share = percent / 100;
  return 300 * Math.sqrt((share * (1 - share)) / samples);
}
