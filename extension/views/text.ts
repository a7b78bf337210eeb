/** Text from the far end made fit to be shown. */

/** Control, format and bidirectional characters, which can hide or reorder what is shown. */
// eslint-disable-next-line no-control-regex
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;

/** One line of at most `longest` characters, of characters that can be seen. */
export function visibleText(text: string, longest: number): string {
  // Cut first: the text may be megabytes long, and only its beginning is looked at.
  const head = text
    .slice(0, longest + 1)
    .replace(UNSEEN, ' ')
    .trim();
  return text.length > longest ? `${head.slice(0, longest - 1)}…` : head;
}

/** The same for places that read icons, `$(name)`, from their text. */
export function plainLabel(text: string, longest: number): string {
  // A zero-width space keeps the eye's text and breaks the syntax.
  return visibleText(text, longest).replaceAll('$(', '$\u200b(');
}

/** "12.3 %", "0.04 %", "< 0.01 %" */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return '< 0.01 %';
  return `${percent.toFixed(percent > 0 && percent < 0.1 ? 2 : 1)} %`;
}
