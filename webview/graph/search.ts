/** Which functions a search finds, and what share of all samples they took part in. */
import type { FunctionRow } from '../../extension/page/messages';
import { weightOf, type Tree } from './tree';

export interface Query {
  readonly text: string;
  readonly matchCase: boolean;
  readonly regex: boolean;
  /** Show only stacks in which something is found. */
  readonly filter: boolean;
}

export type Matcher = (row: FunctionRow) => boolean;

/** @returns the matcher, or why the pattern cannot be one. */
export function makeMatcher(query: Query): Matcher | { error: string } {
  const onText = matchText(query);
  if (typeof onText !== 'function') return onText;
  return (row) => onText(row.name) || onText(place(row));
}

function matchText(query: Query): ((text: string) => boolean) | { error: string } {
  if (!query.regex) {
    if (query.matchCase) return (text) => text.includes(query.text);
    const wanted = query.text.toLowerCase();
    return (text) => text.toLowerCase().includes(wanted);
  }
  try {
    const pattern = new RegExp(query.text, query.matchCase ? 'u' : 'iu');
    return (text) => pattern.test(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { error: reason.replace(/^Invalid regular expression: (?:\/[^]*\/[a-z]*: )?/, '') };
  }
}

/** `file:line` as people write it; '' where the file is not known. */
export function place(row: FunctionRow): string {
  if (row.file === '') return '';
  return row.line > 0 ? `${row.file}:${row.line}` : row.file;
}

export interface Matches {
  /** For each function id 1 where it was found. */
  readonly found: Uint8Array;
  /** The outermost found frames, left to right: what they cost is counted once. */
  readonly nodes: number[];
  readonly weight: number;
  /** Of all samples, 0 to 1. */
  readonly share: number;
}

export function findIn(tree: Tree, found: Uint8Array): Matches {
  const nodes: number[] = [];
  let weight = 0;
  for (let i = 1; i < tree.size;) {
    if (found[tree.functions[i]!] === 1) {
      nodes.push(i);
      weight += tree.total[i]!;
      i = tree.ends[i]!;
    } else {
      i++;
    }
  }
  const all = weightOf(tree);
  return { found, nodes, weight, share: all > 0 ? weight / all : 0 };
}

/** Remembers what was found, so that an update asks only about functions that are new. */
export class FoundFunctions {
  private found = new Uint8Array(1024);
  private asked = 1;

  constructor(private readonly matcher: Matcher) {}

  /** @param functions rows by id; index 0 is not one. */
  update(functions: readonly (FunctionRow | undefined)[]): Uint8Array {
    if (functions.length > this.found.length) {
      const grown = new Uint8Array(functions.length * 2);
      grown.set(this.found);
      this.found = grown;
    }
    for (; this.asked < functions.length; this.asked++) {
      const row = functions[this.asked];
      if (row !== undefined && this.matcher(row)) this.found[this.asked] = 1;
    }
    return this.found;
  }
}
