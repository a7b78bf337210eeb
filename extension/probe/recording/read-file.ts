/** A recording's bytes from a path, which may be anything that a file system has. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { ProbeError } from '../session';

/** More than the greatest recording has: a recorder takes 256 MB. */
export const MOST_FILE_BYTES = 320 * 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;

/**
 * Throws ProbeError 'recording' for what is no regular file, and for one that is larger than any
 * recording, or grows to be while it is read; what the system says where it cannot be opened.
 */
export async function readRecordingFile(
  path: string,
  mostBytes = MOST_FILE_BYTES,
): Promise<Uint8Array> {
  // Without O_NONBLOCK a named pipe would be waited for, for good.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  try {
    const { size } = await checked(file, path);
    if (size > mostBytes) throw tooLarge(path, mostBytes);
    return await readAll(file, path, size, mostBytes);
  } finally {
    await file.close();
  }
}

/** Checks a file that VS Code reads, by what it says of it. Throws as {@link readRecordingFile}. */
export function checkRecordingFile(path: string, isFile: boolean, size: number): void {
  if (!isFile) throw noFile(path);
  if (size > MOST_FILE_BYTES) throw tooLarge(path, MOST_FILE_BYTES);
}

async function checked(file: FileHandle, path: string) {
  const found = await file.stat();
  if (!found.isFile()) throw noFile(path);
  return found;
}

/**
 * Files of /proc say that they have no bytes, and others grow: the size is only how much room there
 * is at first, so that a large file is not copied in one go in the end.
 */
async function readAll(
  file: FileHandle,
  path: string,
  size: number,
  mostBytes: number,
): Promise<Uint8Array> {
  let room = Buffer.allocUnsafeSlow(size + 1);
  for (let bytes = 0; ;) {
    if (bytes === room.length) room = Buffer.concat([room], 2 * bytes + PIECE_BYTES);
    const wanted = Math.min(PIECE_BYTES, room.length - bytes);
    const { bytesRead } = await file.read(room, bytes, wanted);
    bytes += bytesRead;
    if (bytes > mostBytes) throw tooLarge(path, mostBytes);
    if (bytesRead === 0) return room.subarray(0, bytes);
  }
}

function noFile(path: string): ProbeError {
  return new ProbeError(
    'recording',
    `${path} is no regular file, so nothing was read from it. A recording is one file: save what ` +
      'comes from a device or a pipe as a file first.',
  );
}

function tooLarge(path: string, mostBytes: number): ProbeError {
  return new ProbeError(
    'recording',
    `${path} has more than ${mostBytes / 2 ** 20} MB, which no recording has, so it was not opened. ` +
      'Recordings are made by "Acupoint: Save Recording", or by `acupoint record --out x.acupoint`.',
  );
}
