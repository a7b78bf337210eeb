/**
 * Whether a function that ran can be what a document has at its line. A capture through a reload has
 * functions of both versions of a file; the document is one of them.
 */
import type { FunctionInfo } from '../profile/frames';

/** The text of a line of a document, from 1; undefined: it has fewer. */
export type LineText = (line: number) => string | undefined;

const word = /^[A-Za-z_]\w*$/;
/** `function a.b:name(`, or `name = function(`. */
const definitions = [/\bfunction\s+(?:[\w.]+[.:])?(\w+)\s*\(/, /(\w+)["']?\]?\s*=\s*function\b/];

/**
 * True where the document's lines say so for certain: there is no function in the line, it has
 * another name, or it does not end where this one does.
 * @param offset lines of the document before the chunk's first.
 */
export function isOtherCode(info: FunctionInfo, offset: number, lineText: LineText): boolean {
  // A main chunk is what it is of; without lines nothing can be said.
  if (info.line === 0 || info.lastLine === 0) return false;
  const text = lineText(info.line + offset);
  const last = lineText(info.lastLine + offset);
  if (text === undefined || last === undefined) return true;
  if (!/\bfunction\b/.test(text) || !/\bend\b/.test(last)) return true;
  const name = nameOf(info);
  // A line with several functions names none for certain.
  if (name === undefined || text.split(/\bfunction\b/).length !== 2) return false;
  const defined = definitions
    .map((each) => each.exec(text)?.[1])
    .find((each) => each !== undefined);
  return defined !== undefined && defined !== name;
}

/** The last part of its own name; undefined: it has none that a source would have. */
function nameOf({ name, symbol = name }: FunctionInfo): string | undefined {
  return word.test(symbol) ? symbol : undefined;
}

/** Of a document in whose file two versions ran. */
export function otherCodeText(count: number): string {
  const functions = count === 1 ? '1 function' : `${count} functions`;
  return `${functions} of another version of this file ran too`;
}
