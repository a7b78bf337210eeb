/**
 * The arguments of a line of ssh_config(5), as ssh itself splits them: blanks separate, single and
 * double quotes hold together, and a backslash before a quote, a backslash or (outside of quotes) a
 * blank makes it an ordinary character. Undefined where a quote is not closed.
 */
export function splitArguments(text: string, { comments = false } = {}): string[] | undefined {
  const found: string[] = [];
  let at = 0;
  for (;;) {
    while (isBlank(text[at])) at++;
    if (at >= text.length || (comments && text[at] === '#')) return found;
    const argument = takeArgument(text, at);
    if (!argument) return undefined;
    found.push(argument.value);
    at = argument.end;
  }
}

function takeArgument(text: string, from: number): { value: string; end: number } | undefined {
  let value = '';
  let quote = '';
  let at = from;
  for (; at < text.length; at++) {
    const symbol = text[at]!;
    const next = text[at + 1] ?? '';
    const isEscape = symbol === '\\' && next !== '' && (quote ? `'"\\` : `'"\\ `).includes(next);
    if (isEscape) {
      value += next;
      at++;
    } else if (quote === '' && isBlank(symbol)) break;
    else if (quote === '' && (symbol === '"' || symbol === "'")) quote = symbol;
    else if (symbol === quote) quote = '';
    else value += symbol;
  }
  return quote === '' ? { value, end: at } : undefined;
}

function isBlank(symbol: string | undefined): boolean {
  return symbol === ' ' || symbol === '\t';
}

/** Keyword and the rest of a line, comments and blank lines left out. */
export function splitKeyword(line: string): { keyword: string; rest: string } | undefined {
  // ssh takes the keyword in quotes too, and blanks, a `=` or both after it.
  const parts = /^[\s"]*([A-Za-z][A-Za-z0-9]*)"?(?:[ \t]*=[ \t]*|[ \t]+|$)(.*?)\s*$/.exec(line);
  if (!parts) return undefined;
  return { keyword: parts[1]!.toLowerCase(), rest: parts[2]! };
}
