/**
 * Bounds what a host can have shown and logged. A hostile one may send a thousand notices a second,
 * each of another text; what is left out is counted and said in one line.
 */
import { fromOutside, rawText } from '../common/outside';
import type { Notice } from './session';

export interface GateLimits {
  /** Of one kind in a minute. */
  readonly notices: number;
  /** Characters of all kinds in a minute. */
  readonly chars: number;
  /** Characters of one `detail`. */
  readonly detailChars: number;
}

/** A reload of a host with as many workers as CPUs has a joining and a leaving of each. */
export const noticeLimits: GateLimits = {
  notices: 100,
  chars: 512 * 1024,
  detailChars: 128 * 1024,
};
const MINUTE_MS = 60_000;

export class NoticeGate {
  private counts = new Map<string, number>();
  private chars = 0;
  private leftOut = 0;
  private since: number;
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param say hears how many were left out, at the end of each minute that left some out.
   * @param now milliseconds; one that stands still makes the limits those of the whole session.
   */
  constructor(
    private readonly say: (text: string) => void,
    private readonly limits: GateLimits = noticeLimits,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.since = now();
  }

  /** The notice as far as it is to be heard; undefined: it is only counted. */
  notice(notice: Notice): Notice | undefined {
    const detail = cut(rawText(notice.detail), this.limits.detailChars);
    const chars = rawText(notice.text).length + detail.length;
    return this.lets(notice.kind, chars) ? { ...notice, detail: fromOutside(detail) } : undefined;
  }

  /** Whether a text of so many characters is to be heard. */
  lets(kind: string, chars: number): boolean {
    if (this.now() - this.since >= MINUTE_MS) this.turn();
    const count = (this.counts.get(kind) ?? 0) + 1;
    if (count > this.limits.notices || this.chars + chars > this.limits.chars) {
      this.leftOut++;
      this.timer ??= setTimeout(() => this.turn(), MINUTE_MS).unref();
      return false;
    }
    this.counts.set(kind, count);
    this.chars += chars;
    return true;
  }

  /** The minute, or the session, is over. */
  turn(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { leftOut } = this;
    this.leftOut = 0;
    this.counts = new Map();
    this.chars = 0;
    this.since = this.now();
    if (leftOut === 0) return;
    const number = leftOut.toLocaleString('en').replaceAll(',', ' ');
    this.say(
      leftOut === 1
        ? '1 more notice of the host was left out: so many came at once.'
        : `${number} more notices of the host were left out: so many came at once.`,
    );
  }
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… (${text.length - most} more)`;
}
