/**
 * Text from a host, a target, a file or the wire, and the one way to make it fit to be seen.
 *
 * Whoever wrote such text may be hostile. It is typed twice, so that forgetting it does not compile:
 *
 * - At the source, as {@link Outside}, where it is text for people and nothing else: what a server
 *   says while somebody signs in, what the probe reports, what an error says (`messageOf`). It is
 *   no `string`, and the linter refuses it in templates and sums.
 * - At the sink, as {@link Visible} or, in VS Code, as `Plain` (plain.ts). A `string` is neither. So
 *   names, paths and versions stay plain strings on their way, where millions of them are kept and
 *   compared, and are made harmless where one is shown.
 */

declare const outside: unique symbol;
declare const seen: unique symbol;

/** A string at run time; only {@link visible}, `plain` and {@link rawText} read it. */
export interface Outside {
  readonly [outside]: true;
}

/**
 * Text of characters that can all be seen and stand where they are: none that moves the cursor,
 * hides, starts an escape sequence, or turns the direction of what is around it.
 */
export type Visible = string & { readonly [seen]: true };

export function fromOutside(text: string): Outside {
  return text as unknown as Outside;
}

/** The words as they came: to compare, to search, to write into another error. Not to be shown. */
export function rawText(text: Outside): string {
  return text as unknown as string;
}

export function isEmpty(text: Outside): boolean {
  return rawText(text) === '';
}

/**
 * Controls, formats (bidirectional marks, joiners, tags), separators of lines, halves of pairs, and
 * whatever else Unicode says may be left undrawn; but not variation selectors, which emoji have.
 */
const unsafe =
  /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** More marks than any script puts on one letter: they would be drawn over the lines around. */
const piled = /(\p{M}{4})\p{M}+/gu;
const harmless = /^[\x20-\x7e]*$/;

/** The text in at most `longest` characters, each of which can be seen and stands in its place. */
export function visible(text: string | Outside, longest = 256): Visible {
  const given = text as string;
  const cut = given.length > longest;
  // Cut first: what is beyond may be megabytes.
  const kept = cut ? given.slice(0, longest - 1) : given;
  const shown = harmless.test(kept)
    ? kept
    : kept.replace(unsafe, picture).replace(piled, '$1\ufffd');
  return (cut ? `${shown}…` : shown) as Visible;
}

/** Unicode's pictures of control characters; � for what has none. */
function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : '\ufffd';
}

/** Runs of blanks, which would push text out of sight, and blanks that are more than a space. */
const blanks = /\s{2,}|[\t\n\v\f\r\u2028\u2029\ufeff]/g;

/** One line of at most `longest` characters, without runs of blanks. */
export function visibleLine(text: string | Outside, longest: number): Visible {
  // Cut first: the text may be megabytes long, and only its beginning is looked at.
  const given = (text as string).slice(0, longest + 1);
  return visible(given.replace(blanks, ' '), longest);
}

/** A message as the page or another sink takes it: each text of it {@link Visible}. */
export type AllVisible<T> = T extends string
  ? string extends T
    ? Visible
    : T
  : T extends number | boolean | null | undefined | ArrayBufferView
    ? T
    : T extends readonly unknown[]
      ? { [K in keyof T]: AllVisible<T[K]> }
      : { [K in keyof T]: K extends 'key' | 'profile' | 'id' ? T[K] : AllVisible<T[K]> };
