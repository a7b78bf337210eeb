/**
 * The file as gzip members that can be checked one by one: each says its length in a field of its
 * header (RFC 1952, 2.3.1.1), so that what a damaged one holds is not taken for data. `zcat` reads
 * them as well.
 */
import { rawText } from '../../common/outside';
import { promisify } from 'node:util';
import { gunzip, gzipSync } from 'node:zlib';
import { corrupt } from '../corrupt';
import { messageOf } from '../../common/errors';

const inflate = promisify(gunzip);

/** Bytes of a gzip header without more fields. */
const PLAIN_HEAD = 10;
/** With ours: its length, two letters, the length of what follows, and the member's length. */
const HEAD = PLAIN_HEAD + 2 + 4 + 4;
const FLAGS_AT = 3;
const HAS_FIELDS = 4;
const FIELD = Buffer.from([8, 0, 0x41, 0x43, 4, 0]);
/** A member holds some records of 64 KiB, or a single one of up to 4 MiB. */
const MOST_INFLATED = 8 * 1024 * 1024;

/** @param level 0: what is compressed already is only wrapped. */
export function block(content: Uint8Array, level = 6): Uint8Array {
  const plain = gzipSync(content, { level });
  const member = Buffer.alloc(plain.length + HEAD - PLAIN_HEAD);
  plain.copy(member, 0, 0, PLAIN_HEAD);
  member[FLAGS_AT] = HAS_FIELDS;
  FIELD.copy(member, PLAIN_HEAD);
  member.writeUInt32LE(member.length, HEAD - 4);
  plain.copy(member, HEAD, PLAIN_HEAD);
  return member;
}

/** Contents, in order, with where each block ends in the file. Throws ProbeError 'corrupt-stream' at the first that is damaged or cut. */
export async function* blocks(
  file: Uint8Array,
): AsyncGenerator<{ content: Uint8Array; end: number }> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  for (let at = 0; at < bytes.length;) {
    const head = bytes.subarray(at, at + HEAD);
    if (head.length < HEAD) throw corrupt(`recording: cut at byte ${bytes.length}`);
    const ours = FIELD.equals(head.subarray(PLAIN_HEAD, HEAD - 4)) && head[FLAGS_AT] === HAS_FIELDS;
    const length = head.readUInt32LE(HEAD - 4);
    if (!ours || length < HEAD) throw corrupt(`recording: no block at byte ${at}`);
    if (at + length > bytes.length) throw corrupt(`recording: cut at byte ${bytes.length}`);
    yield { content: await contentOf(bytes.subarray(at, at + length), at), end: at + length };
    at += length;
  }
}

async function contentOf(member: Uint8Array, at: number): Promise<Uint8Array> {
  try {
    return await inflate(member, { maxOutputLength: MOST_INFLATED });
  } catch (error) {
    const why = rawText(messageOf(error));
    throw corrupt(`recording: block at byte ${at}: ${why}`);
  }
}
