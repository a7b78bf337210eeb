/** How walks of native frames end: what the numbers of WalkEnd in acupoint.proto mean, in the words of the user. */

/** Ends that say nothing is wrong, or are counted apart. */
const COMPLETE = 1;
const FULL = 2;

interface WalkEnd {
  /** After a count: "3 in code of another compiler". */
  readonly short: string;
  /** Says what it means, and what would change it. */
  readonly why: string;
}

/** By number. */
const WALK_ENDS: readonly (WalkEnd | undefined)[] = [
  { short: 'for a reason that was not noted', why: 'The walk was cut before it found its end.' },
  undefined,
  undefined,
  {
    short: 'outside known mappings',
    why:
      'The return address is in no memory that the probe knows as code: it was mapped a moment ' +
      'ago, or the stack was overwritten.',
  },
  {
    short: 'in a file not loaded yet',
    why: 'Rules of large files are loaded when a first sample needs them; later samples go on.',
  },
  {
    short: 'in code without unwind rules',
    why: 'The file has no unwind table for this code, and the code itself does not tell its frame.',
  },
  {
    short: 'by a rule that is not followed',
    why: 'The unwind table computes the caller in a way that the probe does not follow.',
  },
  {
    short: 'in code of another compiler',
    why: 'Code was made at run time, by another compiler than LuaJIT: it has no table and no form that is known.',
  },
  {
    short: 'in LuaJIT, before its C frame',
    why: 'The sample met LuaJIT while it entered or left a call, and its frame on the C stack was not found.',
  },
  {
    short: 'at memory that cannot be read',
    why: 'A word of the stack was paged out, or was not there.',
  },
  {
    short: 'at a frame that cannot be',
    why: 'The next frame would not lie further up the stack: the rule is wrong here, or the stack is damaged.',
  },
];

export interface EndedEarly {
  readonly count: number;
  readonly short: string;
  readonly why: string;
}

/** The reasons of `ends`, counts by number, most frequent first; those that did not happen left out. */
export function endedEarly(ends: readonly number[]): EndedEarly[] {
  return ends
    .map((count, number) => {
      const end = WALK_ENDS[number];
      const short = end?.short ?? `for reason ${number}`;
      const why = end?.why ?? 'The probe is newer, and this program does not know the reason.';
      return { count, number, short, why };
    })
    .filter(({ count, number }) => count > 0 && number !== COMPLETE && number !== FULL)
    .sort((a, b) => b.count - a.count)
    .map(({ count, short, why }) => ({ count, short, why }));
}

/** "12 incomplete (9 in code of another compiler, 3 at memory that cannot be read)". */
export function endedEarlyText(
  ended: number,
  ends: readonly number[],
  format: (count: number) => string = String,
): string {
  const reasons = endedEarly(ends).map(({ count, short }) => `${format(count)} ${short}`);
  return `${format(ended)} incomplete${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}`;
}
