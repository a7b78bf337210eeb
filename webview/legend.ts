/** Kinds of frames with their colours, their words, and their shares of the CPU: together 100 %. */
import { element, setText } from './dom';
import type { Palette } from './colours';
import { selfByKind } from './hot';
import { KIND_COUNT, kindText, LEGEND_ORDER } from './kinds';
import { tenths } from '../extension/profile/shares';
import type { Tree } from './tree';
import type { Unit } from './units';

interface Entry {
  kind: number;
  root: HTMLElement;
  swatch: HTMLElement;
  share: HTMLElement;
}

export class Legend {
  readonly root = element('ul', { class: 'legend' });
  private readonly entries: Entry[];

  constructor() {
    this.entries = LEGEND_ORDER.map((kind) => {
      const { label, marker } = kindText(kind);
      const swatch = element('span', { class: 'swatch', attributes: { 'aria-hidden': 'true' } });
      const share = element('span', { class: 'share' });
      const words = marker === '' ? label : `${label} ${marker}`;
      const root = element('li', {}, swatch, element('span', { text: words }), share);
      return { kind, root, swatch, share };
    });
    this.root.append(...this.entries.map((entry) => entry.root));
  }

  setPalette(palette: Palette): void {
    for (const { kind, swatch } of this.entries) {
      const colours = palette.kinds[kind]!;
      swatch.style.backgroundColor = colours.fills[1]!;
      swatch.style.borderColor = colours.border ?? 'transparent';
      swatch.classList.toggle('hatched', colours.hatched);
    }
  }

  setTree(tree: Tree, unit: Unit): void {
    this.root.setAttribute('aria-label', `Share of ${unit.whole} by kind of frame`);
    const sums = selfByKind(tree, KIND_COUNT);
    const present = (kind: number): boolean => sums[kind]! > 0 || tree.kinds.includes(kind, 1);
    const shares = tenths(LEGEND_ORDER.map((kind) => sums[kind]!));
    this.entries.forEach(({ kind, root, share }, i) => {
      root.hidden = !present(kind);
      root.title = unit.legendHint;
      const shown = shares[i]!;
      const tiny = shown === 0 && sums[kind]! > 0;
      setText(share, tiny ? '< 0.1 %' : `${(shown / 10).toFixed(1)} %`);
    });
  }
}
