/** Stalls as the probe lists them, in parts. */
import type { NamedFrame, SeriesRows } from '../series-rows';

export interface Stall {
  readonly pid: number;
  readonly timeUs: number;
  readonly lengthUs: number;
  readonly exact: boolean;
  /** The innermost Lua function of each stack, or else the leaf; by descending share. */
  readonly functions: { readonly name: string; readonly line: number; readonly share: number }[];
}

function culpritOf(frames: readonly NamedFrame[]): NamedFrame {
  const lua = frames.findLast(({ file, line }) => line > 0 && /\.lua$|^=?\w+_by_lua/.test(file));
  return lua ?? frames.at(-1) ?? { name: '', file: '', line: 0 };
}

export function stallsOf(rows: SeriesRows): Stall[] {
  const stalls = new Map<string, Stall>();
  for (const { pid, timeUs, numbers, frames } of rows.points('loop.stall_parts')) {
    const key = `${pid} ${timeUs}`;
    const lengthUs = numbers['length']!;
    const stall = stalls.get(key) ?? {
      pid,
      timeUs,
      lengthUs,
      exact: numbers['exact'] === 1,
      functions: [],
    };
    stalls.set(key, stall);
    const { name, line } = culpritOf(frames);
    const share = numbers['part']! / lengthUs;
    const at = stall.functions.findIndex((each) => each.name === name);
    if (at < 0) stall.functions.push({ name, line, share });
    else stall.functions[at] = { name, line, share: stall.functions[at]!.share + share };
  }
  for (const { functions } of stalls.values()) functions.sort((a, b) => b.share - a.share);
  return [...stalls.values()];
}
