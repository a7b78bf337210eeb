/** Text from the far end made fit to be shown. */
import { visible } from '../profile/names';

/** One line of at most `longest` characters, of characters that can be seen. */
export function visibleText(text: string, longest: number): string {
  // Cut first: the text may be megabytes long, and only its beginning is looked at.
  return visible(text.slice(0, longest + 1).replace(/\s+/g, ' '), longest);
}

/** "2026-11-23 14:05", in the time of this machine. */
export function minuteText(unixMs: number): string {
  const at = new Date(unixMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The same for places that read icons, `$(name)`, from their text. */
export function plainLabel(text: string, longest: number): string {
  // A zero-width space keeps the eye's text and breaks the syntax.
  return visibleText(text, longest).replaceAll('$(', '$\u200b(');
}
