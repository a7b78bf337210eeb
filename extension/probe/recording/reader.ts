/** The records of a file, one after another. It may come from anybody: nothing in it is believed. */
import { rawText } from '../../common/outside';
import { corrupt } from '../corrupt';
import { FrameReader } from '../framing';
import { limits } from '../limits';
import { ProbeError } from '../session';
import { blocks } from './blocks';
import { FIRST_LINE, VERSION } from './format';
import { messageOf } from '../../common/errors';
import { giveTurn } from '../../common/turns';

/** More than the greatest recording holds: what grows beyond it is made to fill memory. */
const MOST_BYTES = 4 * 1024 * 1024 * 1024;
const PREFIX = FIRST_LINE.slice(0, FIRST_LINE.lastIndexOf(' ') + 1);

/** Returns false where no more is wanted. */
export type VisitRecord = (kind: number, payload: Uint8Array) => boolean | void;

/**
 * Resolves with what is wrong with the file from some place on, where the records before that were
 * visited; '': nothing. An error that `visit` throws counts as damage. Throws ProbeError
 * 'recording' where it is no recording, or one of a newer version.
 */
export async function eachRecord(
  file: Uint8Array,
  visit: VisitRecord,
  onProgress: (part: number) => void = () => undefined,
): Promise<string> {
  let inflated = 0;
  let begun = false;
  try {
    for await (const { content, end } of blocks(file)) {
      onProgress(end / file.length);
      inflated += content.length;
      if (inflated > MOST_BYTES) throw corrupt(`recording: more than ${MOST_BYTES} bytes`);
      const records = begun ? content : afterFirstLine(content);
      begun = true;
      if (!(await visitAll(records, visit))) return '';
    }
  } catch (error) {
    if (!begun) throw isForUsers(error) ? error : noRecording();
    return detailOf(error);
  }
  if (!begun) throw noRecording();
  return '';
}

/** Whether more are wanted. */
async function visitAll(records: Uint8Array, visit: VisitRecord): Promise<boolean> {
  const frames = new FrameReader(limits.messageBytes + 1);
  const whole: Uint8Array[] = [];
  let problem: Error | undefined;
  try {
    frames.push(records, (bytes) => {
      if (bytes.length === 0) throw corrupt('recording: an empty record');
      whole.push(bytes);
    });
    if (frames.inMessage) throw corrupt('recording: a block that ends within a record');
  } catch (error) {
    problem = error as Error;
  }
  for (const bytes of whole) {
    if (visit(bytes[0]!, bytes.subarray(1)) === false) return false;
    await giveTurn();
  }
  if (problem !== undefined) throw problem;
  return true;
}

function afterFirstLine(content: Uint8Array): Uint8Array {
  const end = content.indexOf(10);
  const line = Buffer.from(content.subarray(0, Math.min(end, 40))).toString('latin1');
  const version = line.slice(PREFIX.length);
  if (end < 0 || !line.startsWith(PREFIX) || !/^\d+$/.test(version)) throw noRecording();
  if (Number(version) > VERSION) {
    throw newerRecording('format', version, VERSION);
  }
  return content.subarray(end + 1);
}

export function newerRecording(what: string, its: string | number, ours: number): ProbeError {
  return new ProbeError(
    'recording',
    `This recording was made by a newer Acupoint (${what} ${its}; this one reads ${ours}). ` +
      'Update Acupoint to open it.',
  );
}

function noRecording(): ProbeError {
  return new ProbeError(
    'recording',
    'This file is no recording of Acupoint, or damaged from its beginning on. Recordings are made ' +
      'by "Acupoint: Save Recording", or by `acupoint record --out x.acupoint`.',
  );
}

function isForUsers(error: unknown): boolean {
  return error instanceof ProbeError && error.kind === 'recording';
}

function detailOf(error: unknown): string {
  if (error instanceof ProbeError) return error.detail;
  return rawText(messageOf(error));
}
