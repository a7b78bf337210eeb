/** Kinds of frames with their colours, their words, and their shares of all: together 100 %. */
import { tenths } from '../../extension/profile/shares';
import type { Palette } from './colours';
import { element, setText } from '../common/dom';
import { selfByKind } from './hot';
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
    if (kinds !== this.kinds) {
      this.kinds = kinds;
      this.entries = kinds.order.map((kind) => entryOf(kinds, kind));
      this.root.replaceChildren(...this.entries.map((entry) => entry.root));
    }
    for (const { kind, swatch } of this.entries) {
      const colours = palette.kinds[kind]!;
      swatch.style.backgroundColor = colours.fills[1]!;
      swatch.style.borderColor = colours.border ?? 'transparent';
      swatch.classList.toggle('hatched', colours.hatched);
    }
  }

  update({ tree, unit, kinds }: Profile): void {
    this.root.setAttribute('aria-label', `Share of ${unit.whole} by kind of frame`);
    const sums = selfByKind(tree, kinds.all.length);
    const shares = tenths(this.entries.map(({ kind }) => sums[kind]!));
    this.entries.forEach(({ kind, root, share }, i) => {
      root.hidden = sums[kind]! <= 0 && !tree.kinds.includes(kind, 1);
      root.title = unit.legendHint;
      const shown = shares[i]!;
      const tiny = shown === 0 && sums[kind]! > 0;
      const text = tiny ? '< 0.1 %' : `${(shown / 10).toFixed(1)} %`;
      // Some kinds only lead to others: the entry is there for its colour.
      setText(share, sums[kind]! > 0 ? text : '');
    });
  }
}

function entryOf(kinds: Kinds, kind: number): Entry {
  const { label, marker } = kindText(kinds, kind);
  const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
  const share = element('span', { class: 'share' });
  const words = marker === '' ? label : `${label} ${marker}`;
  const root = element('li', {}, swatch, element('span', { text: words }), share);
  return { kind, root, swatch, share };
}
