/** Text from the far end made fit to be shown. */
import { visible } from '../profile/names';

/** One line of at most `longest` characters, of characters that can be seen. */
export function visibleText(text: string, longest: number): string {
  // Cut first: the text may be megabytes long, and only its beginning is looked at.
  return visible(text.slice(0, longest + 1).replace(/\s+/g, ' '), longest);
}

/** The same for places that read icons, `$(name)`, from their text. */
export function plainLabel(text: string, longest: number): string {
  // A zero-width space keeps the eye's text and breaks the syntax.
  return visibleText(text, longest).replaceAll('$(', '$\u200b(');
}
