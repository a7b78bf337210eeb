import type { TreeView } from '../page/messages';
import { withoutRange } from '../page/tree';
import type { Query } from '../profile/engine';
import { defaultMeasure, type Measure } from '../profile/series';
import type { ProfileStore } from '../profile/store';
import { sameView, windowOf } from './window';

/** The part of a profile that is being looked at: its measure, and the last seconds or all. */
export class Viewport {
  #view: TreeView = { measure: defaultMeasure, windowSeconds: 0, hiddenKinds: 0 };
  #frozenAtUs: number | undefined;

  constructor(
    private readonly store: ProfileStore,
    private readonly changed: () => void,
  ) {}

  get measure(): Measure {
    return this.#view.measure;
  }

  /** The flame graph shows this part now; the editor's figures follow, so that both say the same. */
  look(view: TreeView): void {
    if (sameView(view, this.#view)) return;
    this.#view = view;
    this.changed();
  }

  /** Nobody looks at the flame graph any more. */
  lookAway(): void {
    this.look({ ...this.#view, measure: defaultMeasure });
  }

  /** Stands still at the latest samples. */
  freeze(): void {
    this.#frozenAtUs = this.store.timeUs + 1;
  }

  follow(): void {
    this.#frozenAtUs = undefined;
  }

  query(): Query {
    return windowOf(this.#view, this.#frozenAtUs, this.store.timeUs);
  }

  /** The same without the time that was chosen in it. */
  timeline(): Query {
    return windowOf(withoutRange(this.#view), this.#frozenAtUs, this.store.timeUs);
  }
}
