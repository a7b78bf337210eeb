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
  [3, 0],
  [4, 0, 0],
);

/** A table of a snapshot that is to be written. */
export interface TableOf {
  readonly size: number;
  readonly metatable?: TableOf;
  readonly named?: Readonly<Record<string, TableOf>>;
}

/**
 * A snapshot of one VM with this registry, as the probe goes through it.
 * @param late texts that come at the end, as of strings that were written before they named anything
 */
export function snapshotOf(registry: TableOf, late: ReadonlySet<string> = new Set()): Uint8Array {
  const numbers = new Map<TableOf | string, number>();
  const queue: (TableOf | string)[] = [];
  let given = 1;
  const refer = (to: TableOf | string | undefined): number => {
    if (to === undefined) return 0;
    const known = numbers.get(to);
    if (known !== undefined) return given - known + 2;
    queue.push(to);
    numbers.set(to, ++given);
    return 1;
  };
  const entries: Entry[] = [[1, 9000, 18_000, 0, 100, 2, refer(registry), 0]];
  for (const each of queue) {
    if (typeof each === 'string') {
      entries.push(late.has(each) ? [4, each.length, 0] : text(each));
      continue;
    }
    const pairs = Object.entries(each.named ?? {});
    entries.push(
      [11, each.size, 0, 0, 0, refer(each.metatable), 0],
      ...pairs.map(([key, value]): Entry => [refer(key), refer(value)]),
      [0, 0, 0, 0],
    );
  }
  const texts = [...late].map((each): Entry => [numbers.get(each)!, each.length, each]);
  const unreached = Array<number>(18).fill(0);
  return bytesOf(...entries, [2, ...unreached], [3, 0], [4], ...texts, [0], [0]);
}
