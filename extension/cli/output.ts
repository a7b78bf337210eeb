/**
 * stdout, for people and for machines. Nothing else of the command writes there: lines may quote the
 * target, so nothing of them reaches a terminal as a command.
 */
import { visible } from '../common/outside';

/** Longest line, in characters: as wide as no terminal is. */
const LONGEST = 4096;

/** Lines for people. */
export function printLines(lines: readonly string[]): void {
  const text = lines.map((line) => `${visible(line, LONGEST)}\n`).join('');
  process.stdout.write(text);
}

/** Text of ours, of several lines. */
export function printText(text: string): void {
  printLines(text.replace(/\n$/, '').split('\n'));
}

/**
 * For machines: a reader gets each string as it came. JSON itself escapes only the first 32 control
 * characters; all others that cannot be seen are escaped as well, for whoever reads it on a terminal.
 * @param indent 0: all in one line.
 */
export function printJson(value: unknown, indent: 0 | 2): void {
  process.stdout.write(`${jsonText(value, indent)}\n`);
}

export function jsonText(value: unknown, indent: 0 | 2): string {
  const hidden =
    /(?![\ufe00-\ufe0f\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
  return JSON.stringify(value, null, indent).replace(hidden, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** Prints what was asked for in place of a file. */
export function printBytes(content: Uint8Array): void {
  process.stdout.write(content);
}
