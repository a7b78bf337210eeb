/**
 * Breaks each line of a text at spaces, and forms of JSON behind their commas, where it would be
 * longer than `width`.
 */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width));
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  // Each piece has the space before it, if any; indentation stays.
  for (const piece of line.split(/(?=(?<=\S) )|(?<=,)(?=["{])/)) {
    if (current !== '' && current.length + piece.length > width) {
      lines.push(current);
      current = piece.trimStart();
    } else current += piece;
  }
  return [...lines, current];
}
