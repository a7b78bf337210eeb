import { type DescMessage, ScalarType } from '@bufbuild/protobuf';
import { corrupt } from './corrupt';
import { BatchSchema, FromProbeSchema } from './generated/acupoint_pb';
import { limits } from './limits';

const BATCH_FIELD = 2;
/** Wire types of the protobuf encoding. */
const VARINT = 0;
const BIT64 = 1;
const BYTES = 2;
const BIT32 = 5;

/**
 * Counts what a message of the probe would become before it becomes it: a few bytes on the wire can
 * stand for hundreds in memory. Throws ProbeError 'corrupt-stream' where a count, or the encoding,
 * is not what a probe sends.
 */
export function takeCensus(bytes: Uint8Array): void {
  let batchFields = 0;
  const nested = { count: 0 };
  walk(bytes, 0, bytes.length, (field, start, end) => {
    if (field !== BATCH_FIELD) {
      if (end - start > limits.plainMessageBytes) {
        throw corrupt(`message field ${field}: ${end - start} bytes`);
      }
      countNested(bytes, start, end, messageIn(FromProbeSchema, field), nested);
      return;
    }
    walk(bytes, start, end, (inner, from, to) => {
      if (++batchFields > limits.fieldsPerBatch) {
        throw corrupt(`batch: more than ${limits.fieldsPerBatch} fields`);
      }
      if (rowFields.has(inner)) {
        checkColumns(bytes, from, to, messageIn(BatchSchema, inner));
      } else if (to - from > limits.columnBytes) {
        throw corrupt(`batch field ${inner}: ${to - from} bytes`);
      }
      // Entries of dictionaries hold numbers alone.
      if (deepFields.has(inner))
        countNested(bytes, from, to, messageIn(BatchSchema, inner), nested);
    });
  });
}

/** Rows of a series each: messages of columns. */
const rowFields = new Set([61, 62, 63]);
/**
 * Fields of a batch that hold lists or texts: health, modules, memory, zones, bursts, series, rows,
 * instruments.
 */
const deepFields = new Set([15, 22, 40, 41, 56, 60, ...rowFields, 64]);

function checkColumns(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: DescMessage | undefined,
): void {
  walk(bytes, start, end, (field, from, to) => {
    const isWide = type?.fields.some(
      ({ number, scalar }) => number === field && scalar === ScalarType.UINT64,
    );
    if (to - from > (isWide ? limits.wideColumnBytes : limits.columnBytes))
      throw corrupt(`${type?.name} field ${field}: ${to - from} bytes`);
  });
}

/** Counts texts and messages within a message, at any depth that the description has. */
function countNested(
  bytes: Uint8Array,
  start: number,
  end: number,
  type: DescMessage | undefined,
  nested: { count: number },
): void {
  if (type === undefined) return;
  walk(bytes, start, end, (field, from, to) => {
    if (++nested.count > limits.nested) throw corrupt(`message: more than ${limits.nested} within`);
    countNested(bytes, from, to, messageIn(type, field), nested);
  });
}

function messageIn(type: DescMessage, number: number): DescMessage | undefined {
  return fieldsOf(type).get(number);
}

const known = new Map<DescMessage, ReadonlyMap<number, DescMessage>>();

/** By number, the fields of a message that are messages themselves. */
function fieldsOf(type: DescMessage): ReadonlyMap<number, DescMessage> {
  let fields = known.get(type);
  if (fields === undefined) {
    fields = new Map(
      type.fields.flatMap(({ number, message }) => (message ? [[number, message] as const] : [])),
    );
    known.set(type, fields);
  }
  return fields;
}

type Visit = (field: number, start: number, end: number) => void;

function walk(bytes: Uint8Array, start: number, end: number, visit: Visit): void {
  let at = start;
  /** Saturates over 2^32: every use compares it with a length. */
  const varint = (): number => {
    let value = 0;
    for (let index = 0; index < 10; index++) {
      if (at >= end) throw corrupt('message: cut within a number');
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw corrupt('message: a number without end');
  };
  while (at < end) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    let from = at;
    switch (wireType) {
      case VARINT:
        varint();
        break;
      case BIT64:
        at += 8;
        break;
      case BIT32:
        at += 4;
        break;
      case BYTES: {
        const length = varint();
        from = at;
        at += length;
        break;
      }
      default:
        throw corrupt(`message: field ${field} has the unknown wire type ${wireType}`);
    }
    if (at > end) throw corrupt(`message: field ${field} is longer than what holds it`);
    visit(field, from, at);
  }
}
