/**
 * Messages that a hostile host may send without end: batches that hold as much as the reader lets
 * through.
 */
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { frame } from '../../../../extension/probe/framing';
import * as wire from '../../../../extension/probe/generated/acupoint_pb';
import { allocatedRows, cpuRows, declared, latencyRows, VMS } from '../wire-rows';

type BatchInit = MessageInitShape<typeof wire.BatchSchema>;
/** Field 2 of FromProbe. */
const BATCH_TAG = Uint8Array.of(0x12);
/** The numbers below are entries of one batch. */
const SMALL = 100_000;
const COLUMN = 200_000;

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const ones = (count: number): number[] => times(count, () => 1);

const rows = (count: number) => ({
  stacks: ones(count),
  pids: times(count, () => 101),
  labels: ones(count),
  counts: ones(count),
});

/** Makes the batch of that number, from 0. */
type Make = (batch: number) => BatchInit;

const first: BatchInit = {
  strings: ['f', '@/a.lua'],
  functions: [{ name: 1, file: 2, line: 1, lastLine: 9 }],
  frames: [{ function: 1, kind: 3, line: 1 }],
  stackParents: [0],
  stackFrames: [1],
  labels: [{ vmState: 1, quality: 1 }],
  requests: [{ method: 1, uri: 2 }],
  series: declared,
};

export const wires = {
  strings: () => ({ strings: times(SMALL, (i) => `${i}`) }),
  wideStrings: (n) => ({ strings: times(60, (i) => `${n} ${i} ${'語'.repeat(15_000)}`) }),
  longNames: (n) => ({ strings: times(60, (i) => `${n} ${i} ${'a'.repeat(60_000)}`) }),
  functions: () => ({ functions: times(SMALL, (i) => ({ name: 1, file: 2, line: i + 1 })) }),
  symbols: (n) => ({
    strings: times(1000, (i) => longSymbol(n * 1000 + i)),
    functions: times(1000, (i) => ({ name: 3 + n * 1000 + i, file: 2 })),
  }),
  frames: (n) => ({ frames: times(SMALL, (i) => ({ function: 1, kind: 3, line: n * SMALL + i })) }),
  stacks: () => ({ stackParents: times(COLUMN, () => 0), stackFrames: ones(COLUMN) }),
  deepStacks: (n) => ({
    stackParents: times(COLUMN, (i) => (i % 1000 === 0 ? 1 : 1 + n * COLUMN + i)),
    stackFrames: ones(COLUMN),
  }),
  labels: () => ({ labels: times(SMALL, (trace) => ({ vmState: 1, quality: 1, trace })) }),
  requests: () => ({ requests: times(SMALL / 10, () => ({ method: 1, uri: 2 })) }),
  rows: () => ({ stacks: [cpuRows({ ...rows(COLUMN), requests: ones(COLUMN) })] }),
  workers: (n) => ({
    stacks: [cpuRows({ ...rows(10_000), pids: times(10_000, (i) => n * 10_000 + i) })],
  }),
  allocations: () => ({
    stacks: [allocatedRows({ ...rows(COLUMN), values: times(COLUMN, () => 8n) })],
  }),
  tables: (n) => ({
    tables: [latencyRows(times(SMALL / 10, (i) => ({ uri: 1 + (i % 2), us: n * SMALL + i })))],
  }),
  keys: (n) => ({
    strings: times(SMALL / 10, (i) => `${n} ${i} ${'k'.repeat(200)}`),
    tables: [latencyRows(times(SMALL / 10, (i) => ({ uri: 3 + n * (SMALL / 10) + i, us: 7 })))],
  }),
  points: () => ({
    points: [
      {
        series: VMS,
        pids: times(SMALL / 2, () => 101),
        timesUs: times(SMALL / 2, () => 1n),
        numbers: times(SMALL, () => 0.5),
      },
    ],
  }),
  modules: (n) => ({
    modules: times(16, (i) => ({ pid: 101, vm: BigInt(n * 16 + i), names: ones(60_000) })),
  }),
} satisfies Record<string, Make>;

export type WireName = keyof typeof wires;

/** A symbol of C++ whose name is 40 times as long: each reference doubles what is before it. */
function longSymbol(number: number): string {
  const id = `a${number}`;
  const doubled = times(7, (k) => `S${(2 * k).toString(36).toUpperCase()}_`);
  const types = doubled.map((reference) => `1bI${reference}${reference}E`);
  return `_Z1fI${id.length}${id}${types.join('')}Evv`;
}

/** Messages of one kind, or of all in turn, from the one that defines entry 1 of each dictionary. */
export function* batchesOf(name: WireName | 'all'): Generator<Uint8Array> {
  let sequence = 0;
  /** Fields of a message may stand anywhere in it, so that what stays the same is encoded once. */
  const message = (body: Uint8Array): Uint8Array => {
    const timeUs = BigInt(++sequence * 250_000);
    const head = bytesOf({ sequence, timeUs, intervalUs: 250_000 });
    return Buffer.concat([BATCH_TAG, frame(Buffer.concat([head, body]))]);
  };
  yield message(bytesOf(first));
  const make = name === 'all' ? everything : encoded(wires[name]);
  for (let n = 0; ; n++) yield message(make(n));
}

function bytesOf(batch: BatchInit): Uint8Array {
  return toBinary(wire.BatchSchema, create(wire.BatchSchema, batch));
}

/** Encodes again only where each batch differs from the last one. */
function encoded(make: Make): (batch: number) => Uint8Array {
  const same = make.length === 0 ? bytesOf(make(0)) : undefined;
  return (n) => same ?? bytesOf(make(n));
}

const inAll = (['strings', 'functions', 'labels', 'rows', 'allocations', 'stacks'] as const).map(
  (name) => encoded(wires[name]),
);

function everything(n: number): Uint8Array {
  return inAll[n % inAll.length]!(0);
}
