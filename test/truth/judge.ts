/** The bars, and which of them a load misses. */
import type { Mode } from './loads';
import type { Part, Row, Whole } from './measure';

export interface Judge {
  /** Misses in words; none: it passes. */
  row(row: Row, mode: Mode, samples: number): string[];
  whole(whole: Whole): string[];
}

const SHARE_POINTS = 2;
const UNATTRIBUTED = 0.3;
const INTERPRETER_LINE = 98;
const COMPLETE = 98;
const DECODED = 97;
const LEAF_FUNCTION = 95;

/** How far chance may take a percentage of so many samples: three standard errors, and a sample. */
function leeway(percent: number, samples: number): number {
  const share = Math.min(Math.max(percent / 100, 0), 1);
  return samples ? 100 * (3 * Math.sqrt((share * (1 - share)) / samples) + 1 / samples) : 100;
}

/** `lenient`: too few samples for the bars as they are; chance is allowed for. */
export function judgeWith(lenient: boolean): Judge {
  const atLeast = (what: string, bar: number, measured: Part | undefined): string[] => {
    if (measured === undefined || measured.of === 0) return [];
    const lowest = bar - (lenient ? leeway(bar, measured.of) : 0);
    return measured.percent < lowest ? [`${what} ${measured.percent.toFixed(1)} %`] : [];
  };
  const share = (what: string, expected: number, measured: number, samples: number): string[] => {
    const most = lenient ? Math.max(SHARE_POINTS, leeway(expected, samples)) : SHARE_POINTS;
    const off = Math.abs(measured - expected);
    return off > most ? [`${what} off by ${off.toFixed(2)} points`] : [];
  };
  /** A burner's own samples are too few for points: chance is always allowed for. */
  const worstLine = (off: number, samples: number): string[] =>
    off > Math.max(SHARE_POINTS, leeway(50, samples)) ? [`a line off by ${off.toFixed(1)}`] : [];
  return {
    row: (row, mode, samples) => [
      ...share('share', row.expected, row.measured, samples),
      ...(mode === 'interpreter' ? atLeast('leaf line', INTERPRETER_LINE, row.hotLine) : []),
      ...(mode === 'interpreter' && row.worstLine !== undefined
        ? worstLine(row.worstLine, row.samples)
        : []),
      ...atLeast('frames', COMPLETE, row.complete),
      ...atLeast('decoded', DECODED, row.decoded),
      ...atLeast('leaf function', LEAF_FUNCTION, row.leafFunction),
    ],
    whole: (whole) => {
      const { unattributed, restExpected, restMeasured } = whole;
      const most = UNATTRIBUTED + (lenient ? leeway(UNATTRIBUTED, unattributed.of) : 0);
      return [
        ...(unattributed.percent > most
          ? [`unattributed ${unattributed.percent.toFixed(2)} %`]
          : []),
        ...share('rest', restExpected, restMeasured, whole.samples),
        ...atLeast('decoded', DECODED, whole.decoded),
      ];
    },
  };
}
