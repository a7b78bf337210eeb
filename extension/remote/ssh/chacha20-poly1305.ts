/**
 * ChaCha20 and Poly1305 (RFC 8439) as OpenSSH puts them together for key files, in plain code: the
 * crypto library of VS Code has no ChaCha20 by itself. Files of keys are small, so speed is no matter.
 */
import { timingSafeEqual } from 'node:crypto';

export const KEY_BYTES = 64;
export const TAG_BYTES = 16;
const BLOCK = 64;
/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const ROUNDS = 10;
const QUARTERS = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const;

/**
 * Decrypts the private part of a key file. A file is one message without a number, so its nonce is
 * zero (OpenSSH's PROTOCOL.chacha20poly1305 and sshkey.c); of the two keys only the first is used.
 * Undefined: the tag does not fit, as with a wrong passphrase.
 */
export function openPrivatePart(key: Buffer, sealed: Buffer, tag: Buffer): Buffer | undefined {
  const main = key.subarray(0, 32);
  const once = block(main, 0).subarray(0, 32);
  const expected = poly1305(once, sealed);
  if (tag.length !== TAG_BYTES || !timingSafeEqual(expected, tag)) return undefined;
  const plain = Buffer.from(sealed);
  for (let at = 0; at < plain.length; at += BLOCK) {
    const stream = block(main, 1 + at / BLOCK);
    const end = Math.min(BLOCK, plain.length - at);
    for (let index = 0; index < end; index++) plain[at + index]! ^= stream[index]!;
  }
  return plain;
}

/** A block of the key stream, of the nonce zero. */
function block(key: Buffer, counter: number): Buffer {
  const start = new Uint32Array(16);
  start.set(CONSTANTS);
  for (let word = 0; word < 8; word++) start[4 + word] = key.readUInt32LE(4 * word);
  start[12] = counter;
  const state = Uint32Array.from(start);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [a, b, c, d] of QUARTERS) {
      mix(state, a, b, d, 16);
      mix(state, c, d, b, 12);
      mix(state, a, b, d, 8);
      mix(state, c, d, b, 7);
    }
  }
  const bytes = Buffer.alloc(BLOCK);
  for (let word = 0; word < 16; word++)
    bytes.writeUInt32LE((state[word]! + start[word]!) >>> 0, 4 * word);
  return bytes;
}

function mix(state: Uint32Array, into: number, add: number, turn: number, by: number): void {
  state[into]! += state[add]!;
  const turned = state[turn]! ^ state[into]!;
  state[turn] = (turned << by) | (turned >>> (32 - by));
}

function poly1305(key: Buffer, message: Buffer): Buffer {
  const prime = (1n << 130n) - 5n;
  const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  const r = little(key.subarray(0, 16)) & clamp;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const piece = message.subarray(at, at + 16);
    sum = ((sum + little(piece) + (1n << BigInt(8 * piece.length))) * r) % prime;
  }
  sum += little(key.subarray(16, 32));
  const tag = Buffer.alloc(TAG_BYTES);
  tag.writeBigUInt64LE(sum & 0xffffffffffffffffn, 0);
  tag.writeBigUInt64LE((sum >> 64n) & 0xffffffffffffffffn, 8);
  return tag;
}

function little(bytes: Buffer): bigint {
  return [...bytes].reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
