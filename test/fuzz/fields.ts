/**
 * Changes of a message field by field, so that its lengths stay right: what is changed gets past the
 * reader of protobuf, to the checks behind it.
 */
import { mutated, VARINTS, varint, type Random } from './mutate';

const VARINT = 0;
const BYTES = 2;
const WIDTHS: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

interface Field {
  /** Its number and type, as they are encoded. */
  readonly tag: Uint8Array;
  /** Without its length. */
  readonly value: Uint8Array;
}

/** A message of one field, which is a message: as all of the wire are. */
export interface Message {
  readonly tag: Uint8Array;
  readonly fields: readonly Field[];
}

/** Of an encoding that is right. */
export function messageOf(bytes: Uint8Array): Message {
  const [whole] = fieldsOf(bytes);
  return { tag: whole!.tag, fields: fieldsOf(whole!.value) };
}

/** With one field left out, repeated, exchanged with another or, mostly, of another value. */
export function changedMessage({ tag, fields }: Message, random: Random): Uint8Array {
  const changed = [...fields];
  const at = random(changed.length);
  const one = changed[at];
  const other = random(changed.length);
  const how = random(16);
  if (one === undefined) return encoded(tag, mutated(tag, random));
  if (how === 0) changed.splice(at, 1);
  else if (how === 1) changed.splice(other, 0, one);
  else if (how === 2) [changed[at], changed[other]] = [changed[other]!, one];
  else changed[at] = { tag: one.tag, value: changedValue(one, random) };
  return encoded(tag, Buffer.concat(changed.map((each) => encoded(each.tag, each.value))));
}

function changedValue({ tag, value }: Field, random: Random): Uint8Array {
  if (typeOf(tag) === VARINT) {
    return varint(random(4) === 0 ? VARINTS[random(VARINTS.length)]! : random(12));
  }
  if (random(4) === 0) return typeOf(tag) === BYTES ? mutated(value, random) : value;
  // One number of a column, or of what is nested, and a small one: it may refer to something.
  const changed = Uint8Array.from(value);
  const at = random(Math.max(1, changed.length));
  if (changed[at]! < 0x80) changed[at] = random(12);
  return changed;
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length;) {
    const tagEnd = endOfVarint(bytes, at);
    const tag = bytes.subarray(at, tagEnd);
    const after = endOfVarint(bytes, tagEnd);
    const type = typeOf(tag);
    const from = type === BYTES ? after : tagEnd;
    const to = type === VARINT ? after : from + (WIDTHS[type] ?? numberAt(bytes, tagEnd));
    fields.push({ tag, value: bytes.subarray(from, to) });
    at = to;
  }
  return fields;
}

function encoded(tag: Uint8Array, value: Uint8Array): Uint8Array {
  const length = typeOf(tag) === BYTES ? varint(value.length) : new Uint8Array(0);
  return Buffer.concat([tag, length, value]);
}

function typeOf(tag: Uint8Array): number {
  return tag[0]! & 7;
}

function endOfVarint(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at]! >= 0x80) at++;
  return at + 1;
}

function numberAt(bytes: Uint8Array, from: number): number {
  let number = 0;
  for (let at = from, power = 1; ; at++, power *= 128) {
    number += (bytes[at]! & 0x7f) * power;
    if (bytes[at]! < 0x80) return number;
  }
}
