/** Series as a probe declares them, and rows of them, for batches that tests make by hand. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import * as wire from '../../../extension/probe/generated/acupoint_pb';
import { bucketOf } from '../../../extension/profile/histogram';

type BatchInit = MessageInitShape<typeof wire.BatchSchema>;
export type SeriesInit = NonNullable<BatchInit['series']>[number];
export type StackInit = NonNullable<BatchInit['stacks']>[number];
/** Some of a message's fields. */
export type Columns<T> = Partial<Omit<T, '$typeName' | '$unknown'>>;
export type TableInit = NonNullable<BatchInit['tables']>[number];

/** Their ids, where a batch declares {@link declared}. */
export const CPU = 1;
export const ALLOCATED = 2;
export const LATENCY = 3;
export const VMS = 4;

export const declared: SeriesInit[] = [
  { name: 'cpu', instrument: 'cpu', shape: wire.Shape.STACKS, unit: 'us' },
  {
    name: 'allocated',
    instrument: 'allocations',
    shape: wire.Shape.STACKS,
    unit: 'bytes',
    estimated: true,
  },
  {
    name: 'requests.latency',
    instrument: 'requests',
    shape: wire.Shape.TABLES,
    unit: 'us',
    keys: [{ name: 'uri' }, { name: 'status', number: true }],
  },
  {
    name: 'jit.vms',
    instrument: 'jit',
    shape: wire.Shape.POINTS,
    unit: 'count',
    keys: [
      { name: 'traces', number: true },
      { name: 'flushes', number: true },
    ],
  },
];

export const cpuRows = (columns: Columns<wire.StackRows>): StackInit => ({
  series: CPU,
  valuePerCount: 10_101,
  ...columns,
});

export const allocatedRows = (columns: Columns<wire.StackRows>): StackInit => ({
  series: ALLOCATED,
  ...columns,
});

/** Rows of one value each, of worker 101, in buckets. */
export function latencyRows(rows: readonly { uri: number; us: number }[]): TableInit {
  const values = rows.map(({ us }) => BigInt(us));
  const ones = rows.map(() => 1n);
  return {
    series: LATENCY,
    pids: rows.map(() => 101),
    keys: rows.flatMap(({ uri }) => [uri, 200]),
    counts: ones,
    sums: values,
    least: values,
    most: values,
    bucketRows: rows.map(() => 1),
    buckets: rows.map(({ us }) => bucketOf(us)),
    bucketCounts: ones,
  };
}
