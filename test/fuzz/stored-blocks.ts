/**
 * Blocks of a recording that zlib need not be asked about: what they hold is stored as it is (RFC
 * 1951, 3.2.4). To set zlib up takes ten times as long as to read a small recording, and zlib is
 * not what is fuzzed. So `gunzip` here cuts them out by itself; whatever else it meets, or where
 * their checksum is not that of what they hold, it leaves to zlib. All else that reads a recording
 * is the product's. To be imported before the reader of recordings.
 */
import zlib from 'node:zlib';

/** Of the member: as extension/probe/recording/blocks.ts has it. */
const HEAD = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 8, 0, 0x41, 0x43, 4, 0]);
const HEAD_BYTES = HEAD.length + 4;
/** One stored block, the last: a byte, its length, and that length inverted. */
const STORED_BYTES = 5;
const TAIL_BYTES = 8;
export const MOST_STORED = 0xffff;

type Done = (error: Error | null, content: Buffer) => void;
const inflate = zlib.gunzip as (member: Buffer, options: zlib.ZlibOptions, done: Done) => void;

Object.assign(zlib, {
  gunzip(member: Buffer, options: zlib.ZlibOptions, done: Done): void {
    const content = storedIn(member);
    if (content) done(null, content);
    else inflate(member, options, done);
  },
});

/** @param content at most {@link MOST_STORED} bytes. */
export function storedBlock(content: Uint8Array): Buffer {
  const member = Buffer.allocUnsafe(HEAD_BYTES + STORED_BYTES + content.length + TAIL_BYTES);
  member.set(HEAD);
  member.writeUInt32LE(member.length, HEAD.length);
  member[HEAD_BYTES] = 1;
  member.writeUInt16LE(content.length, HEAD_BYTES + 1);
  member.writeUInt16LE(content.length ^ 0xffff, HEAD_BYTES + 3);
  member.set(content, HEAD_BYTES + STORED_BYTES);
  member.writeUInt32LE(crc32(content), member.length - TAIL_BYTES);
  member.writeUInt32LE(content.length, member.length - 4);
  return member;
}

/** Returns what a block holds that is as those above; undefined: it is another, or damaged. */
function storedIn(member: Buffer): Buffer | undefined {
  const length = member.length - HEAD_BYTES - STORED_BYTES - TAIL_BYTES;
  if (length < 0 || length > MOST_STORED) return undefined;
  const content = member.subarray(HEAD_BYTES + STORED_BYTES, member.length - TAIL_BYTES);
  const whole =
    HEAD.equals(member.subarray(0, HEAD.length)) &&
    member[HEAD_BYTES] === 1 &&
    member.readUInt16LE(HEAD_BYTES + 1) === length &&
    member.readUInt16LE(HEAD_BYTES + 3) === (length ^ 0xffff) &&
    member.readUInt32LE(member.length - TAIL_BYTES) === crc32(content) &&
    member.readUInt32LE(member.length - 4) === length;
  return whole ? content : undefined;
}

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

function crc32(bytes: Uint8Array): number {
  let sum = -1;
  for (let at = 0; at < bytes.length; at++) sum = CRC[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
  return (sum ^ -1) >>> 0;
}
