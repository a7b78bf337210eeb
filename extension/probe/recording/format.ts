/**
 * The form of a recording: gzip members, one after another, of a line that names the format and
 * of records. A record is framed as messages of the wire are, and its first byte says its kind.
 *
 *     acupoint recording 1\n
 *     header, then in the order in which it was heard and said: messages, marks, pieces of heaps
 *     a mark that it ends; where that is missing, the file was cut
 */
import { version } from '../../../package.json';
import { atMost, corrupt, textOf } from '../corrupt';
import { frame } from '../framing';
import { limits } from '../limits';

export const VERSION = 1;
const utf8 = new TextDecoder();
export const FIRST_LINE = `acupoint recording ${VERSION}\n`;

export const Kind = {
  /** JSON of {@link Header}; the first record, and no other. */
  header: 1,
  /** A FromProbe message: Hello, Listing (of the traced master alone), Started, Batch, Notice. */
  heard: 2,
  /** A ToProbe message: Start. */
  said: 3,
  /** JSON of {@link Mark}. */
  mark: 4,
  /** A piece of the snapshot that the last mark names, as analysis/heap/records.ts reads it. */
  heap: 5,
} as const;

export interface Header {
  /** Version of the product that wrote it. */
  readonly product: string;
  /** Words for the host and the target, for people. */
  readonly host: string;
  readonly target: string;
  readonly savedUnixMs: number;
}

/** An event that is in no message. `at` is in Unix milliseconds. */
export type Mark =
  /** The user forgot all samples so far. */
  | { readonly event: 'reset'; readonly at: number }
  /** Pieces of a heap snapshot follow. */
  | { readonly event: 'heap'; readonly at: number; readonly pid: number }
  /** The heap snapshot is whole. */
  | { readonly event: 'heap-end'; readonly at: number }
  /** No more was recorded, or the file was saved; `text` says why the capture ended, if it had. */
  | { readonly event: 'end'; readonly at: number; readonly text: string };

export function record(kind: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + payload.length);
  bytes[0] = kind;
  bytes.set(payload, 1);
  return frame(bytes);
}

export function headerRecord(header: Omit<Header, 'product'>): Uint8Array {
  return record(Kind.header, Buffer.from(JSON.stringify({ product: version, ...header })));
}

export function markRecord(mark: Mark): Uint8Array {
  return record(Kind.mark, Buffer.from(JSON.stringify(mark)));
}

/** Throws ProbeError 'corrupt-stream' for what is no header. */
export function readHeader(payload: Uint8Array): Header {
  const fields = fieldsOf(payload, 'recording header');
  return {
    product: text(fields, 'product'),
    host: text(fields, 'host'),
    target: text(fields, 'target'),
    savedUnixMs: moment(fields, 'savedUnixMs'),
  };
}

/** Throws ProbeError 'corrupt-stream' for what is no mark. */
export function readMark(payload: Uint8Array): Mark {
  const fields = fieldsOf(payload, 'recording mark');
  const at = moment(fields, 'at');
  const { event, pid } = fields;
  switch (event) {
    case 'reset':
    case 'heap-end':
      return { event, at };
    case 'end':
      return { event, at, text: text(fields, 'text') };
    case 'heap':
      if (!Number.isInteger(pid)) throw corrupt(`recording mark pid: ${String(pid)}`);
      return { event, at, pid: pid as number };
    default:
      throw corrupt('recording mark: of a kind that is not known');
  }
}

function fieldsOf(payload: Uint8Array, where: string): Record<string, unknown> {
  atMost(payload.length, limits.textChars * 2, where);
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(payload));
  } catch {
    throw corrupt(`${where}: no JSON`);
  }
  if (typeof value !== 'object' || value === null) throw corrupt(`${where}: no object`);
  return value as Record<string, unknown>;
}

function text(fields: Record<string, unknown>, key: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw corrupt(`recording ${key}: no text`);
  return textOf(value, `recording ${key}`, 4096);
}

/** Unix milliseconds; those that a Date can hold. */
function moment(fields: Record<string, unknown>, key: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !(value >= 0 && value <= 8.64e15))
    throw corrupt(`recording ${key}: no time`);
  return value;
}
