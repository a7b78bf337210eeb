/** Thrown where a symbol is not understood. Never leaves this folder. */
export class NotUnderstood extends Error {}

/** Deepest nesting; symbols that people write have a dozen. */
const DEEPEST = 96;
/** Back references can make a short symbol long: what is longer than this nobody reads. */
const LONGEST_RESULT = 4096;

/** A symbol and how far it is read. */
export class Reader {
  at = 0;
  private depth = 0;
  private made = 0;

  constructor(readonly text: string) {}

  get next(): string {
    return this.text[this.at] ?? '';
  }

  get isDone(): boolean {
    return this.at >= this.text.length;
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  /** True, and past it, where `text` comes next. */
  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw new NotUnderstood();
  }

  char(): string {
    const character = this.next;
    if (character === '') throw new NotUnderstood();
    this.at++;
    return character;
  }

  /** Reads what fits a sticky expression; undefined: nothing. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  number(): number {
    const digits = this.match(/0|[1-9]\d*/y);
    if (digits === undefined || digits.length > 6) throw new NotUnderstood();
    return Number(digits);
  }

  chars(length: number): string {
    const text = this.text.slice(this.at, this.at + length);
    if (text.length < length) throw new NotUnderstood();
    this.at += length;
    return text;
  }

  nested<T>(read: () => T): T {
    if (++this.depth > DEEPEST) throw new NotUnderstood();
    try {
      return read();
    } finally {
      this.depth--;
    }
  }

  /** The text, counted: hostile symbols double it with every reference. */
  counted(text: string): string {
    this.made += text.length;
    if (text.length > LONGEST_RESULT || this.made > 64 * LONGEST_RESULT) throw new NotUnderstood();
    return text;
  }
}

/** Returns what `read` makes of the symbol; undefined where it is not understood. */
export function understood(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    throw error;
  }
}
