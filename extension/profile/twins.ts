/**
 * Functions that agree in name and place and are not one: two versions of a file, one before a
 * reload and one after it, or blocks of two files of which their chunks keep the same end of the
 * path. The first keeps its name; each further one has four digits of its code behind it.
 */
import type { FunctionInfo } from './frames';

export class Twins {
  /** By file, then by name and lines: the identities that were seen, the first one's first. */
  private readonly known = new Map<string, Map<string, number[]>>();

  /** The function under a name that no other one of its place has. */
  named(info: FunctionInfo): FunctionInfo {
    const { name, file, line, lastLine, identity } = info;
    if (identity === undefined) return info;
    const places = this.known.get(file) ?? new Map<string, number[]>();
    this.known.set(file, places);
    const place = `${line} ${lastLine} ${name}`;
    const seen = places.get(place) ?? [];
    places.set(place, seen);
    if (!seen.includes(identity)) seen.push(identity);
    if (seen[0] === identity) return info;
    return { ...info, name: `${name} #${digits(identity)}`, symbol: info.symbol ?? name };
  }
}

function digits(identity: number): string {
  return (identity % 0x10000).toString(16).padStart(4, '0');
}
