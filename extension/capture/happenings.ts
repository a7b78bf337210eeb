/** Ends of workers while they were traced: none makes another one forgotten. */
import { rawText } from '../common/outside';
import type { Notice } from '../probe/session';

interface Happening {
  readonly crash: boolean;
  readonly text: string;
}

/** More than anybody reads in a line. */
const SHOWN = 4;
const MOST = 1000;

export class Happenings {
  private kept: Happening[] = [];
  private left = 0;

  /** @returns whether it is one of those that stay. */
  take({ kind, text }: Pick<Notice, 'kind' | 'text'>): boolean {
    const crash = kind === 'worker-crashed';
    if (!crash && kind !== 'worker-left') return false;
    if (this.kept.length >= MOST) this.left++;
    else this.kept.push({ crash, text: rawText(text) });
    return true;
  }

  clear(): void {
    this.kept = [];
    this.left = 0;
  }

  /** Crashes first; '' where nobody has left. */
  get text(): string {
    const crashes = this.kept.filter(({ crash }) => crash).map(({ text }) => `Crash: ${text}`);
    const all = [...crashes, ...this.kept.filter(({ crash }) => !crash).map(({ text }) => text)];
    const more = all.length + this.left - SHOWN;
    const shown = all.slice(0, SHOWN);
    return [...shown, ...(more > 0 ? [`And ${more} more; the log has all of them.`] : [])].join(
      ' ',
    );
  }
}
