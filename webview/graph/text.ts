/** Cuts labels to a width without measuring each of them. */

/**
 * Widths of characters in one font. Adding them up leaves out kerning and shaping, which is well
 * within a label's padding for the scripts that function names are written in.
 */
export class CharWidths {
  private readonly ascii = new Float32Array(128);
  private readonly others = new Map<string, number>();

  constructor(private readonly measure: (text: string) => number) {}

  of(char: string): number {
    const code = char.charCodeAt(0);
    if (char.length === 1 && code < 128) {
      const known = this.ascii[code]!;
      if (known !== 0) return known;
      return (this.ascii[code] = this.measure(char));
    }
    let width = this.others.get(char);
    if (width === undefined) {
      width = this.measure(char);
      // Names come from the target: a limit keeps a hostile one from filling the memory.
      if (this.others.size > 20_000) this.others.clear();
      this.others.set(char, width);
    }
    return width;
  }

  /** Width of `text`, or Infinity as soon as it is known to be above `limit`. */
  total(text: string, limit: number): number {
    let sum = 0;
    for (const char of text) {
      sum += this.of(char);
      if (sum > limit) return Infinity;
    }
    return sum;
  }

  /**
   * The text, or as much of its beginning as fits together with an ellipsis; '' where nothing does.
   */
  cut(text: string, room: number): string {
    const ellipsis = this.of('…');
    let sum = 0;
    let kept = 0;
    let length = 0;
    for (const char of text) {
      const next = sum + this.of(char);
      if (next > room) return kept === 0 ? '' : text.slice(0, kept) + '…';
      sum = next;
      length += char.length;
      if (sum + ellipsis <= room) kept = length;
    }
    return text;
  }
}
