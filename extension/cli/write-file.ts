import { rawText } from '../common/outside';
import { access, constants, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Failed } from './exit';
import { messageOf } from '../common/errors';

/**
 * @throws Failed where a file cannot be written there: better said before a recording than after
 * it.
 */
export async function checkWritable(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new Failed(`Nothing can be written to the folder of ${path}: ${reason(error)}.`);
  }
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory()) throw new Failed(`${path} is a folder, not a file.`);
}

/**
 * Writes the file whole or not at all; where that fails, to the folder for temporary files, so that
 * the recording is not lost.
 * @throws Failed saying where it is.
 */
export async function writeWhole(path: string, content: Uint8Array): Promise<void> {
  try {
    await writeAndRename(path, content);
  } catch (error) {
    const refuge = join(tmpdir(), `acupoint-${process.pid}-${basename(path)}`);
    try {
      await writeFile(refuge, content, { flag: 'wx' });
    } catch {
      throw new Failed(`The recording could not be written to ${path}: ${reason(error)}.`);
    }
    const why = `The recording could not be written to ${path}: ${reason(error)}.`;
    throw new Failed(`${why} It is in ${refuge} instead.`);
  }
}

async function writeAndRename(path: string, content: Uint8Array): Promise<void> {
  const existing = await stat(path).catch(() => undefined);
  // A device or a pipe is written to as it is.
  if (existing && !existing.isFile()) return writeFile(path, content);
  const partial = `${path}.${process.pid}.part`;
  try {
    await writeFile(partial, content);
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known: Record<string, string> = {
    ENOENT: 'it does not exist',
    EACCES: 'permission denied',
    ENOTDIR: 'it is not a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
  };
  return known[code] ?? rawText(messageOf(error));
}
