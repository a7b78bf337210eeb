/** A report of a heap snapshot, small enough to be shown, kept and compared. */
import type { GroupingRules } from '../grouping';
import { functionsOf, type FunctionRow } from './functions';
import { type HeapGraph, type Amount, ObjectType, typeNames } from './graph';
import { type Holder, Holders, rootNames } from './holders';
import { largestHolders, type LargestRow } from './largest';
import { cdataRows, type CdataRow } from './cdata';
import { retainedSizes, type Retained } from './retained';
import type { Source } from './sources';
import { heapTree, type HeapTree } from './tree';

export interface OwnerRow {
  readonly name: string;
  readonly kind: Holder['kind'];
  readonly retainedBytes: number;
  readonly objects: number;
}

export interface ModuleRow extends OwnerRow {
  readonly owner: string;
  /** The file it was loaded from, where that is known. */
  readonly source?: Source;
}

export interface TypeRow extends Amount {
  readonly type: string;
}

/** Of all tables together. */
export interface TableFill {
  readonly array: SlotFill;
  readonly hash: SlotFill;
}

export interface SlotFill {
  readonly slots: number;
  readonly used: number;
  /** Of a slot. */
  readonly bytes: number;
}

export interface HeapReport {
  /** By the count of the collectors of all VMs. */
  readonly gcTotalBytes: number;
  /** The part that was found; the owners' bytes add up to it. */
  readonly reachedBytes: number;
  readonly objects: number;
  readonly owners: readonly OwnerRow[];
  readonly modules: readonly ModuleRow[];
  readonly types: readonly TypeRow[];
  /** The functions that hold most. */
  readonly functions: readonly FunctionRow[];
  /** In all, prototypes that closures were made of. */
  readonly functionCount: number;
  readonly largest: readonly LargestRow[];
  readonly cdata: readonly CdataRow[];
  readonly tables: TableFill;
  readonly tree: HeapTree;
}

export function makeHeapReport(graph: HeapGraph, rules: GroupingRules): HeapReport {
  const holders = new Holders(graph, rules);
  const retained = retainedSizes(graph, holders);
  const owners = ownerRows(graph, holders, retained);
  return {
    gcTotalBytes: sumOf(graph.vms.map((vm) => vm.total)),
    reachedBytes: sumOf(owners.map((owner) => owner.retainedBytes)),
    objects: sumOf(owners.map((owner) => owner.objects)),
    owners,
    modules: moduleRows(holders, retained),
    types: typeRows(graph),
    ...functionsOf(graph, retained),
    largest: largestHolders(graph, holders, retained),
    cdata: cdataRows(graph),
    tables: tableFill(graph),
    tree: heapTree(graph, holders, retained),
  };
}

function ownerRows(graph: HeapGraph, holders: Holders, retained: Retained): OwnerRow[] {
  const { bytes, objects } = retained;
  const rows = holders.all
    .filter(({ owner }) => owner === 0)
    .map(({ node, name, kind }) => rowOf(name, kind, bytes[node]!, objects[node]!));
  const held = (key: 'retainedBytes' | 'objects') => sumOf(rows.map((row) => row[key]));
  const shared = bytes[0]! - held('retainedBytes');
  rows.push(rowOf(rootNames.shared, 'other', shared, objects[0]! - held('objects')));
  const garbage = [...graph.unreached.values()];
  rows.push(
    rowOf(
      rootNames.garbage,
      'other',
      sumOf(garbage.map((amount) => amount.bytes)),
      sumOf(garbage.map((amount) => amount.count)),
    ),
  );
  return sorted(rows.filter((row) => row.kind === 'plugin' || row.objects + row.retainedBytes > 0));
}

function moduleRows(holders: Holders, { bytes, objects }: Retained): ModuleRow[] {
  const rows = holders.all
    .filter(({ owner }) => owner !== 0)
    .map(({ node, name, kind, owner }) => {
      const source = holders.sources.ofModule(name);
      const row = rowOf(name, kind, bytes[node]!, objects[node]!);
      return { ...row, owner: holders.holder(owner)?.name ?? '', ...(source && { source }) };
    });
  return sorted(rows);
}

function rowOf(name: string, kind: Holder['kind'], retainedBytes: number, objects: number) {
  return { name, kind, retainedBytes, objects };
}

function typeRows(graph: HeapGraph): TypeRow[] {
  const counts = new Map<number, { count: number; bytes: number }>();
  for (let id = 1; id <= graph.count; id++) {
    const type = graph.types[id]!;
    const row = counts.get(type) ?? { count: 0, bytes: 0 };
    row.count += type === ObjectType.vm ? 0 : 1;
    row.bytes += graph.sizes[id]!;
    counts.set(type, row);
  }
  return [...counts]
    .map(([type, amount]) => ({ type: typeNames[type] ?? 'unknown', ...amount }))
    .sort((left, right) => right.bytes - left.bytes);
}

function tableFill(graph: HeapGraph): TableFill {
  const { array, arrayUsed, hash, hashUsed } = graph.tableSlots;
  return {
    array: { slots: array, used: arrayUsed, bytes: 8 },
    hash: { slots: hash, used: hashUsed, bytes: 24 },
  };
}

function sorted<T extends OwnerRow>(rows: T[]): T[] {
  return rows.sort(
    (left, right) =>
      right.retainedBytes - left.retainedBytes || left.name.localeCompare(right.name, 'en'),
  );
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
