import type { TreeView } from '../../webview/messages';
import type { Query } from '../profile/engine';

/**
 * What of a profile is looked at: a measure of it, the last seconds or all, up to where the view is
 * frozen.
 */
export class Looking {
  #view: TreeView = { measure: 'cpu', windowSeconds: 0, hiddenKinds: 0 };
  #frozenAtUs: number | undefined;

  get view(): TreeView {
    return this.#view;
  }

  /** Returns whether that is a change. */
  at({ measure, windowSeconds, hiddenKinds }: TreeView): boolean {
    const now = this.#view;
    const same = measure === now.measure && windowSeconds === now.windowSeconds;
    if (same && hiddenKinds === now.hiddenKinds) return false;
    this.#view = { measure, windowSeconds, hiddenKinds };
    return true;
  }

  /** What comes after this time of the profile is not looked at. */
  freeze(timeUs: number): void {
    this.#frozenAtUs = timeUs + 1;
  }

  follow(): void {
    this.#frozenAtUs = undefined;
  }

  /** @param timeUs of the profile, now. */
  query(timeUs: number): Query {
    const { measure, windowSeconds, hiddenKinds } = this.#view;
    const toUs = this.#frozenAtUs ?? Infinity;
    // An interval's time is its end: the one that ends where the window opens is outside of it.
    const nowUs = this.#frozenAtUs === undefined ? timeUs : this.#frozenAtUs - 1;
    const fromUs = windowSeconds > 0 ? nowUs - windowSeconds * 1e6 + 1 : -Infinity;
    return { measure, fromUs, toUs, hiddenKinds };
  }
}
