/** Writes small snapshots as the probe does. */
export type Entry = readonly (number | string)[];

/** Numbers as varints; texts with their length before them. */
export function bytesOf(...entries: Entry[]): Uint8Array {
  const bytes: number[] = [];
  const put = (value: number) => {
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      bytes.push(rest >= 128 ? (rest % 128) | 128 : rest);
      if (rest < 128) return;
    }
  };
  for (const entry of entries) {
    for (const item of entry) {
      if (typeof item === 'number') put(item);
      else {
        put(item.length);
        bytes.push(...Buffer.from(item));
      }
    }
  }
  return Uint8Array.from(bytes);
}

const text = (name: string): Entry => [4, name.length, name];
/** A table whose named values are what is new or lies behind. */
const table = (size: number, pairs: Entry, others: Entry = []): Entry => [
  ...[11, size, 0, 0, 0, 0, 0],
  ...pairs,
  ...[0, ...others, 0, 0, 0],
];

/**
 * One VM: its registry has _LOADED, in that are kong.plugins.a.handler and kong.plugins.b.handler. Each holds 1000 bytes
 * alone, and both hold 500.
 */
export const twoPlugins = bytesOf(
  // 1: the VM; 2: its registry
  [1, 9000, 18_000, 0, 100, 2, 1, 0],
  // 3: "_LOADED"; 4: the table
  table(64, [1, 1]),
  text('_LOADED'),
  // 5, 6: the first plugin; 7, 8: the second
  table(64, [1, 1, 1, 1]),
  text('kong.plugins.a.handler'),
  // 9, 10: "own", its 1000 bytes; 11, 12: "both"
  table(64, [1, 1, 1, 1]),
  text('kong.plugins.b.handler'),
  // 13: what the second has alone
  table(64, [5, 1, 4, 3]),
  text('own'),
  table(1000, []),
  text('both'),
  table(500, []),
  table(1000, []),
  [2, 1, 40, ...Array<number>(16).fill(0)],
  [3, 0, 0],
);
