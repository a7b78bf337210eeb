/** Kinds of frames with their colours, their words, and their shares: together what is shown. */
import type { Palette } from './colours';
import { element, setText } from '../common/dom';
import { HIDDEN, kindShares } from './kind-shares';
import { kindText, type Kinds } from './kinds';
import type { Profile } from './profile';

interface Entry {
  kind: number;
  root: HTMLElement;
  swatch: HTMLElement;
  share: HTMLElement;
}

export class Legend {
  readonly root = element('ul', { class: 'legend' });
  private entries: readonly Entry[] = [];
  private kinds: Kinds | undefined;

  /** @param palette made of these kinds. */
  setPalette(kinds: Kinds, palette: Palette): void {
    this.setKinds(kinds);
    for (const { kind, swatch } of this.entries) {
      const colours = palette.kinds[kind] ?? palette.root;
      swatch.style.backgroundColor = colours.fills[1]!;
      swatch.style.borderColor = colours.border ?? 'transparent';
      swatch.classList.toggle('hatched', colours.hatched);
    }
  }

  private setKinds(kinds: Kinds): void {
    if (kinds === this.kinds) return;
    this.kinds = kinds;
    this.entries = [...kinds.order, HIDDEN].map((kind) => entryOf(kinds, kind));
    this.root.replaceChildren(...this.entries.map((entry) => entry.root));
  }

  /** Its kinds may be others than those of the palette, which follows. */
  update(profile: Profile): void {
    const { tree, unit } = profile;
    this.setKinds(profile.kinds);
    this.root.setAttribute('aria-label', `Share of ${unit.whole} by kind of frame`);
    kindShares(profile).forEach(({ kind, weight, tenths }, i) => {
      const { root, share } = this.entries[i]!;
      root.hidden = weight <= 0 && (kind === HIDDEN || !tree.kinds.includes(kind, 1));
      root.title = kind === HIDDEN ? HIDDEN_HINT : unit.legendHint;
      const text = tenths === 0 ? '< 0.1 %' : `${(tenths / 10).toFixed(1)} %`;
      // Some kinds only lead to others: the entry is there for its colour.
      setText(share, weight > 0 ? text : '');
    });
  }
}

const HIDDEN_HINT =
  'Samples in which no frame of the kinds that are shown was running: the choice of frames above ' +
  'leaves them out';

function entryOf(kinds: Kinds, kind: number): Entry {
  const { label, marker } =
    kind === HIDDEN ? { label: 'Outside the shown frames', marker: '' } : kindText(kinds, kind);
  const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
  const share = element('span', { class: 'share' });
  const words = marker === '' ? label : `${label} ${marker}`;
  const root = element('li', {}, swatch, element('span', { text: words }), share);
  return { kind, root, swatch, share };
}
