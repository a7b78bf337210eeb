import { rawText, visible, type Outside } from '../common/outside';

/** Of one message. */
const LONGEST = 256 * 1024;
const MOST_LINES = 500;
const eraseLine = '\r\u001b[K';

/** stderr: messages, and on a terminal one line that is written over. */
export class Messages {
  private transient = false;
  private held: (string | Outside)[] | undefined;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    private readonly verbose: boolean,
  ) {}

  get isTerminal(): boolean {
    return this.stream.isTTY;
  }

  get columns(): number {
    return this.stream.columns || 80;
  }

  /**
   * A line that stays. It may quote the target, so nothing of it reaches the terminal as a command.
   */
  say(text: string | Outside): void {
    if (this.held) {
      this.held.push(text);
      return;
    }
    this.clear();
    const given = typeof text === 'string' ? text : rawText(text);
    for (const line of given.slice(0, LONGEST).split('\n', MOST_LINES))
      this.stream.write(`${visible(line, 4096)}\n`);
  }

  /** A line that the next one replaces; only on a terminal. */
  progress(text: string): void {
    if (!this.isTerminal || this.held) return;
    this.stream.write(eraseLine + visible(text, this.columns - 1));
    this.transient = true;
  }

  detail(text: string | Outside): void {
    if (this.verbose) this.say(text);
  }

  /** While something else has the terminal, lines are kept for later. */
  hold(): void {
    this.held ??= [];
  }

  release(): void {
    const kept = this.held ?? [];
    this.held = undefined;
    for (const text of kept) this.say(text);
  }

  clear(): void {
    if (this.transient) this.stream.write(eraseLine);
    this.transient = false;
  }
}
