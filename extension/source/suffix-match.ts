/**
 * Which file of the workspace a path of the target means, judged by how much of the path's end
 * agrees.
 */

export interface Candidate<T> {
  readonly file: T;
  /** Whole path, with forward slashes. */
  readonly path: string;
  /** The file lies directly in a workspace folder. */
  readonly atRoot: boolean;
}

export interface Match<T> {
  readonly file: T;
  /** Path segments that agree, from the end. */
  readonly segments: number;
  /** As good as others, of which it is the first by length and name. */
  readonly ambiguous: boolean;
}

/**
 * The longest agreeing end wins. A name alone is not enough (there are many handler.lua), unless
 * the file lies at the root of a workspace folder, where there is no more path to agree with.
 */
export function bestMatch<T>(
  path: string,
  candidates: readonly Candidate<T>[],
): Match<T> | undefined {
  const wanted = segmentsOf(path);
  const scored = candidates
    .map((candidate) => ({ candidate, segments: agreeing(wanted, segmentsOf(candidate.path)) }))
    .filter(({ candidate, segments }) => segments >= 2 || (segments === 1 && candidate.atRoot))
    .sort(
      (a, b) =>
        b.segments - a.segments ||
        a.candidate.path.length - b.candidate.path.length ||
        (a.candidate.path < b.candidate.path ? -1 : 1),
    );
  const [first, second] = scored;
  if (first === undefined) return undefined;
  return {
    file: first.candidate.file,
    segments: first.segments,
    ambiguous: second?.segments === first.segments,
  };
}

/** "a//b/./c.lua" -> a, b, c.lua. Segments before a ".." are not known, so they cannot agree. */
export function segmentsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return parts.slice(parts.lastIndexOf('..') + 1);
}

function agreeing(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}
