/** Whether what is in the editor is what the worker runs. */

export interface Evidence {
  /** Text of the document, with what is not saved. */
  readonly text: string;
  readonly dirty: boolean;
  /** When the document's file was written; undefined: not known. */
  readonly savedMs: number | undefined;
  /** The file as the target has it; undefined: it could not be read. */
  readonly target: { readonly text: string; readonly modifiedMs: number } | undefined;
  /** When the oldest traced worker started; undefined: not known. */
  readonly workersStartedMs: number | undefined;
  /** The worker runs on this machine: its clock and the file's are one. */
  readonly sameClock: boolean;
}

export type Freshness =
  | { readonly kind: 'fresh' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'stale'; readonly why: string };

/** File times have a resolution of their own, and a worker's start is known to 10 ms. */
const TOLERANCE_MS = 1000;

/**
 * In this order: what the target's file says; then, where it cannot be read, what the document's
 * own says. A worker reads a file once, at its start or later; a file that was written after the
 * start may be newer than what runs, and is called stale.
 */
export function freshness(evidence: Evidence): Freshness {
  const { target, workersStartedMs: started } = evidence;
  const changedSince = 'changed since the worker loaded it';
  if (target !== undefined) {
    if (started !== undefined && target.modifiedMs > started + TOLERANCE_MS) {
      return { kind: 'stale', why: `file ${changedSince}` };
    }
    if (sameLines(evidence.text, target.text)) return { kind: 'fresh' };
    return {
      kind: 'stale',
      why: evidence.dirty ? `file ${changedSince}, not saved` : "file differs from the worker's",
    };
  }
  if (evidence.dirty) return { kind: 'stale', why: `file ${changedSince}, not saved` };
  if (!evidence.sameClock || evidence.savedMs === undefined || started === undefined) {
    return { kind: 'unknown' };
  }
  return evidence.savedMs > started + TOLERANCE_MS
    ? { kind: 'stale', why: `file ${changedSince}` }
    : { kind: 'fresh' };
}

/** Line ends and the mark at the beginning of a file move no line. */
function sameLines(a: string, b: string): boolean {
  return a === b || normal(a) === normal(b);
}

function normal(text: string): string {
  return text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
}
