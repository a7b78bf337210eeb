/**
 * Text for VS Code, which reads two syntaxes from plain strings:
 *
 * - `[text](target)` becomes a link in notifications, in the title and message of progress, and in
 *   the prompt and the validation message of an input box; a `command:` target runs that command
 *   with the arguments it names. (linkedText.ts; notificationsViewer.ts and quickInput.ts open it
 *   with allowCommands.)
 * - `$(name)` becomes an icon in quick picks (label, description, detail), in prompts, buttons,
 *   status bar items, status messages and titles of CodeLenses. (iconLabels.ts)
 *
 * Dialogs, titles, placeholders, tabs and tooltips that are strings read neither today. All get the
 * same text: a later VS Code may read more.
 */
import { visible, visibleLine, type Outside, type Visible } from './outside';

declare const broken: unique symbol;

/** Harmless in every sink of VS Code that takes a plain string; no syntax of it has a meaning. */
export type Plain = Visible & { readonly [broken]: true };

/** Most characters of one text that is quoted in another. */
const LONGEST_QUOTED = 1000;
/** And of all together. */
const LONGEST = 4000;

/** The text in one line of at most `longest` characters. */
export function plainText(text: string | Outside, longest: number): Plain {
  return breakSyntax(visibleLine(text, longest));
}

/** A sentence of ours that quotes others: plain`No nginx runs on ${host}.` */
export function plain(
  words: TemplateStringsArray,
  ...quoted: readonly (string | number | Outside)[]
): Plain {
  const texts = quoted.map((each) =>
    typeof each === 'number' ? String(each) : visibleLine(each, LONGEST_QUOTED),
  );
  const sentence = words.map((word, at) => word + (texts[at] ?? '')).join('');
  // The whole of it: an end of one text and the beginning of the next may make a link together.
  return breakSyntax(visible(sentence, LONGEST));
}

/** Joins the texts that say something, with a separator of ours. */
export function joined(texts: readonly Plain[], separator: string): Plain {
  return breakSyntax(texts.filter((text) => text !== '').join(separator) as Visible);
}

/** Lines below each other, where a sink shows several. */
export function lines(texts: readonly Plain[]): Plain {
  return texts.join('\n') as Plain;
}

/**
 * A space parts the brackets of a link, and the dollar of an icon. It can be seen, and what is
 * copied from the screen has nothing hidden in it, as it would have with a zero-width character.
 */
function breakSyntax(text: Visible): Plain {
  return text.replaceAll('](', '] (').replaceAll('$(', '$ (') as Plain;
}
