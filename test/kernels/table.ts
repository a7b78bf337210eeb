/** The figures as a table for people. */
import type { Findings } from './findings';
import { type Kernel, titleOf } from './kernels';

const TITLE = 21;

const COLUMNS = [
  ['release', 26],
  ['sampler', 8],
  ['samples', 8],
  ['lost', 5],
  ['share', 7],
  ['known', 7],
  ['line', 7],
  ['JIT line', 9],
  ['Lua', 7],
  ['unattr.', 8],
  ['to main', 8],
  ['us BPF', 7],
  ['left', 5],
  ['s', 4],
] as const;

function line(kernel: string, cells: readonly string[]): string {
  const padded = cells.map((cell, index) => cell.padStart(COLUMNS[index]?.[1] ?? 0));
  return `${kernel.padEnd(TITLE)} ${padded.join(' ')}`;
}

export function tableHead(): string {
  return line(
    'kernel',
    COLUMNS.map(([name]) => name),
  );
}

/** `seconds`: of the whole run of the machine. */
export function tableRow(
  kernel: Kernel,
  found: Findings | undefined,
  seconds: number,
  misses: readonly string[],
): string {
  const verdict = misses.length ? `MISSED: ${misses.join('; ')}` : 'ok';
  if (!found) return `${titleOf(kernel).padEnd(TITLE)} ${verdict}`;
  const left = found.exited.left.length + found.killed.left.length;
  const cells = [
    found.release,
    found.sampler,
    `${found.samples}`,
    `${found.lost}`,
    ...[found.measured, found.expected, found.interpretedLine, found.compiledLine, found.lua].map(
      (percent) => percent.toFixed(1),
    ),
    found.unattributed.toFixed(2),
    found.complete.toFixed(1),
    found.bpfUs.toFixed(1),
    `${left}`,
    seconds.toFixed(0),
  ];
  return `${line(titleOf(kernel), cells)}  ${verdict}`;
}
