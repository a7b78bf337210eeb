import type { PointRows, SeriesInfo } from '../profile/rows';
import { corrupt, countOf } from './corrupt';
import type { Dictionary } from './dictionary';
import type * as wire from './generated/acupoint_pb';

/** Throws ProbeError 'corrupt-stream'. */
export function pointRows(
  { name, keys }: SeriesInfo,
  points: wire.Points,
  dictionary: Dictionary,
): PointRows {
  const { pids, timesUs, numbers, texts, stacks } = points;
  const length = pids.length;
  if (timesUs.length !== length || numbers.length !== length * keys.length)
    throw corrupt(`${name}: columns of ${length}, ${timesUs.length}, ${numbers.length}`);
  for (const [what, column] of [
    ['texts', texts],
    ['stacks', stacks],
  ] as const)
    if (column.length !== 0 && column.length !== length)
      throw corrupt(`${name}: ${length} points, and ${column.length} ${what} of them`);
  dictionary.checkRows(stacks, pids, [], []);
  if (!numbers.every(Number.isFinite)) throw corrupt(`${name}: a number that is none`);
  return {
    series: name,
    pids: Uint32Array.from(pids),
    timesUs: Float64Array.from(timesUs, (time) => countOf(time, `${name} time`)),
    numbers: Float64Array.from(numbers),
    texts: texts.map((text) => dictionary.string(text, `${name} text`)),
    stacks: Uint32Array.from(stacks),
  };
}
