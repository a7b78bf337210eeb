/** The shares of the same load by LuaJIT's own profiler. */
import type { Shares } from './record';
import { burnerOf, type HotLines } from './source';

export interface InProcessRow {
  readonly expected: number;
  readonly measured: number;
  /** Percent of the burner's samples whose innermost frame of its file stands on a hot line. */
  readonly hotLine: number;
}

/** `counted`: state of the VM, a tab, and `path:line|` from the leaf outwards. */
export function readInProcess(
  counted: ReadonlyMap<string, number>,
  shares: Shares,
  hotLines: ReadonlyMap<string, HotLines>,
): Map<string, InProcessRow> {
  let total = 0;
  const own = new Map<string, { samples: number; hot: number }>();
  for (const [key, count] of counted) {
    total += count;
    const frames = key.slice(key.indexOf('\t') + 1).split('|');
    const leaf = frames.find((frame) => burnerOf(frame) !== undefined);
    const name = leaf === undefined ? undefined : burnerOf(leaf);
    if (leaf === undefined || name === undefined) continue;
    const sums = own.get(name) ?? { samples: 0, hot: 0 };
    sums.samples += count;
    const line = Number(leaf.slice(leaf.lastIndexOf(':') + 1));
    if (hotLines.get(name)?.lines.has(line)) sums.hot += count;
    own.set(name, sums);
  }
  return new Map(
    [...shares].map(([name, expected]) => {
      const sums = own.get(name) ?? { samples: 0, hot: 0 };
      const hotLine = sums.samples ? (100 * sums.hot) / sums.samples : 0;
      return [name, { expected, measured: total ? (100 * sums.samples) / total : 0, hotLine }];
    }),
  );
}
