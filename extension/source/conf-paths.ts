/** Where on the target a configuration file may be that is known by the end of its name only. */
import { posix } from 'node:path';

/**
 * @param including absolute path of the file that has the includes
 * @param root absolute path of the main configuration file, to whose folder relative names belong
 * @param conf end of the base name, as a chunk name has it
 */
export function includedPaths(
  includes: readonly string[],
  root: string,
  conf: string,
): { matching: string[]; others: string[] } {
  const folder = posix.dirname(root);
  const matching: string[] = [];
  const others: string[] = [];
  for (const include of includes) {
    const path = posix.resolve(folder, include);
    const base = posix.basename(path);
    const inFolder = posix.dirname(path);
    if (isGlob(inFolder)) continue;
    if (!isGlob(base)) (base.endsWith(conf) ? matching : others).push(path);
    // A glob can be followed only to the one name that is known.
    else if (globMatches(base, conf)) matching.push(posix.join(inFolder, conf));
  }
  return { matching, others };
}

function isGlob(path: string): boolean {
  return /[*?[\]]/.test(path);
}

/** `*` and `?` only; sets are taken for any character. */
function globMatches(glob: string, text: string): boolean {
  // Many stars make a pattern slow, and the pattern is the target's.
  if (glob.length > 255 || glob.split('*').length > 4) return false;
  const pattern = glob
    .replace(/\[[^\]]*\]/g, '?')
    .replace(/[.+^${}()|\\[\]]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${pattern}$`, 's').test(text);
}
