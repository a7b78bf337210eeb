// Looks for secrets in files: as they are, and within gzip, as recordings are.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const LARGEST = 512 * 1024 * 1024;
const INFLATED = { maxOutputLength: 256 * 1024 * 1024 };

/** @returns [{ where, kinds }] of a file, or of all below a folder. Links are not followed. */
export function scanPath(path, needles) {
  const kind = lstatSync(path, { throwIfNoEntry: false });
  if (kind === undefined) return [];
  if (kind.isDirectory())
    return readdirSync(path).flatMap((name) => scanPath(join(path, name), needles));
  if (!kind.isFile() || kind.size > LARGEST) return [];
  const kinds = [...needles.in(Buffer.from(path)), ...scanBytes(readFileSync(path), needles)];
  return kinds.length > 0 ? [{ where: path, kinds: [...new Set(kinds)] }] : [];
}

export function scanBytes(bytes, needles) {
  const plain = needles.in(bytes);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return plain;
  try {
    return [...plain, ...needles.in(gunzipSync(bytes, INFLATED))];
  } catch {
    // It only begins like one, or was cut: what it holds as it is has been looked at.
    return plain;
  }
}
