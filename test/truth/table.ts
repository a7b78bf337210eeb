/** The figures as a table for people. */
import type { InProcessRow } from './in-process';
import type { Part, Row, Whole } from './measure';

const HEAD = ['load', 'expected', 'measured', 'off', 'hot line', 'frames', 'decoded', 'leaf fn'];
const OWN_PROFILER = ['| jit.profile', 'hot line'];
const WIDTHS = [12, 9, 9, 7, 9, 7, 8, 8, 14, 9];

const figure = (value: number | undefined, digits: number) => value?.toFixed(digits) ?? '-';
const percent = (part: Part | undefined) => figure(part?.percent, 1);
const signed = (value: number) => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

function line(cells: readonly string[], rest = ''): string {
  const padded = cells.map((cell, index) =>
    index ? cell.padStart(WIDTHS[index] ?? 8) : cell.padEnd(WIDTHS[0] ?? 12),
  );
  return `${padded.join(' ')}  ${rest}`.trimEnd();
}

export function tableHead(): string {
  return line([...HEAD, ...OWN_PROFILER]);
}

/** `misses`: which bars; `note`: what to know of the other profiler's figures. */
export function tableRow(
  row: Row,
  beside: InProcessRow | undefined,
  misses: readonly string[],
  note: string | undefined,
): string {
  return line(
    [
      row.burner,
      figure(row.expected, 2),
      figure(row.measured, 2),
      signed(row.measured - row.expected),
      percent(row.hotLine),
      percent(row.complete),
      percent(row.decoded),
      percent(row.leafFunction),
      `| ${beside ? signed(beside.measured - beside.expected) : '-'}`,
      figure(beside?.hotLine, 1),
    ],
    [misses.length ? `MISSED: ${misses.join(', ')}` : 'ok', note && `(jit.profile ${note})`]
      .filter(Boolean)
      .join('  '),
  );
}

export function tableWhole(whole: Whole, misses: readonly string[]): string {
  const rest = whole.restMeasured - whole.restExpected;
  return [
    line(
      ['(rest)', figure(whole.restExpected, 2), figure(whole.restMeasured, 2), signed(rest)],
      misses.length ? `MISSED: ${misses.join(', ')}` : 'ok',
    ),
    `${whole.samples} samples, unattributed ${whole.unattributed.percent.toFixed(3)} %, ` +
      `outside Lua ${whole.outside.percent.toFixed(2)} %, decoded ${percent(whole.decoded)} %`,
  ].join('\n');
}
