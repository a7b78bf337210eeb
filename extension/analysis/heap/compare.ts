/** The growth from one snapshot of a worker to the next, and who holds it. */
import { rootNames } from './holders';
import type { HeapReport, OwnerRow } from './report';
import { heapStacks, type HeapTree } from './tree';

export interface Growth {
  /** The owner, its module or the way to it. */
  readonly frames: readonly string[];
  readonly before: number;
  readonly after: number;
}

export interface OwnerGrowth {
  readonly name: string;
  readonly kind: OwnerRow['kind'];
  readonly before: number;
  readonly after: number;
  readonly growth: number;
}

export interface HeapGrowth {
  /** Of all owners together, but for what nothing holds. */
  readonly held: number;
  readonly uncollected: number;
  /** All of both, most growth first. */
  readonly owners: readonly OwnerGrowth[];
}

/** By owner, as the table of owners has them. */
export function heapGrowth(before: HeapReport, after: HeapReport): HeapGrowth {
  const rows = new Map<
    string,
    { name: string; kind: OwnerRow['kind']; before: number; after: number }
  >();
  const add = ({ name, kind, retainedBytes }: OwnerRow, side: 'before' | 'after') => {
    const key = `${kind} ${name}`;
    const row = rows.get(key) ?? { name, kind, before: 0, after: 0 };
    row[side] += retainedBytes;
    rows.set(key, row);
  };
  for (const row of before.owners) add(row, 'before');
  for (const row of after.owners) add(row, 'after');
  const owners = [...rows.values()]
    .map((row) => ({ ...row, growth: row.after - row.before }))
    .sort((left, right) => right.growth - left.growth);
  const sum = (wanted: boolean) =>
    owners.reduce(
      (all, { name, growth }) => all + ((name === rootNames.garbage) === wanted ? growth : 0),
      0,
    );
  return { held: sum(false), uncollected: sum(true), owners };
}

/** By the places that hold it; each place is counted without what is below it. */
export function placeGrowth(before: HeapReport, after: HeapReport): Growth[] {
  return growth(heapStacks(before.tree), heapStacks(after.tree));
}

interface Row {
  readonly frames: readonly string[];
  readonly bytes: number;
}

function growth(before: readonly Row[], after: readonly Row[]): Growth[] {
  const rows = new Map<string, { frames: readonly string[]; before: number; after: number }>();
  const add = (row: Row, side: 'before' | 'after') => {
    const key = row.frames.join('\n');
    const known = rows.get(key) ?? { frames: row.frames, before: 0, after: 0 };
    known[side] += row.bytes;
    rows.set(key, known);
  };
  for (const row of before) add(row, 'before');
  for (const row of after) add(row, 'after');
  return [...rows.values()]
    .filter((row) => row.before !== row.after)
    .sort((left, right) => right.after - right.before - (left.after - left.before));
}

/** Two trees as one, which has the nodes of both. */
export interface TreeGrowth extends HeapTree {
  /** By node, as `bytes` are: what was there before. */
  readonly before: readonly number[];
}

export function treeGrowth(before: HeapTree, after: HeapTree): TreeGrowth {
  const frames = [...after.frames];
  const places = new Map(frames.map(({ kind, name }, place) => [`${kind}\n${name}`, place]));
  const nodes = new Map<string, number>();
  const merged = {
    parents: [...after.parents],
    places: [...after.places],
    bytes: [...after.bytes],
    before: after.bytes.map(() => 0),
  };
  for (let node = 1; node < after.parents.length; node++) {
    const { kind, name } = frames[after.places[node]!]!;
    const key = `${after.parents[node]!} ${places.get(`${kind}\n${name}`)!}`;
    if (!nodes.has(key)) nodes.set(key, node);
  }
  const moved = [0];
  for (let node = 1; node < before.parents.length; node++) {
    const frame = before.frames[before.places[node]!]!;
    const words = `${frame.kind}\n${frame.name}`;
    const place = places.get(words) ?? frames.push(frame) - 1;
    places.set(words, place);
    const parent = moved[before.parents[node]!]!;
    const key = `${parent} ${place}`;
    let at = nodes.get(key);
    if (at === undefined) {
      at = merged.parents.push(parent) - 1;
      merged.places.push(place);
      merged.bytes.push(0);
      merged.before.push(0);
      nodes.set(key, at);
    }
    moved.push(at);
    merged.before[at] = merged.before[at]! + before.bytes[node]!;
  }
  const smallestBytes = Math.max(before.smallestBytes, after.smallestBytes);
  return { ...merged, frames, smallestBytes };
}
