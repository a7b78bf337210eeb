import { visible } from '../common/outside';

const enter = '\u001b[?1049h\u001b[?25l';
const leave = '\u001b[?25h\u001b[?1049l';

/** The whole terminal, given back as it was in every way of ending. */
export class Screen {
  private readonly giveBack = () => this.close();
  private readonly onData = (data: Buffer) => {
    for (const key of data.toString('utf8')) this.onKey(key);
  };
  private open = true;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly keys: NodeJS.ReadStream,
    private readonly onKey: (key: string) => void,
    private readonly onResize: () => void,
  ) {
    out.write(enter);
    out.on('resize', onResize);
    if (keys.isTTY) {
      keys.setRawMode(true);
      keys.on('data', this.onData);
      keys.resume();
    }
    process.on('exit', this.giveBack);
  }

  get columns(): number {
    return this.out.columns || 80;
  }

  get rows(): number {
    return this.out.rows || 24;
  }

  /** Draws over what is there, without a flash of an empty screen in between. */
  draw(lines: readonly string[]): void {
    if (!this.open) return;
    // Lines may quote the target; the escape sequences are ours alone.
    const text = lines.slice(0, this.rows).map((line) => `${visible(line, 4096)}\u001b[K`);
    this.out.write(`\u001b[H${text.join('\r\n')}\u001b[J`);
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    process.off('exit', this.giveBack);
    this.out.off('resize', this.onResize);
    if (this.keys.isTTY) {
      this.keys.off('data', this.onData);
      this.keys.setRawMode(false);
      this.keys.pause();
    }
    this.out.write(leave);
  }
}
