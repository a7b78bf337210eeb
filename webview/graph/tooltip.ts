/** What a frame is and costs, beside the pointer or the selection. */
import { element, setText } from '../common/dom';
import { percent, whole } from '../common/format';
import { flagTexts, kindText } from './kinds';
import type { Profile } from './profile';
import { place } from './search';
import { type Tree, weightOf } from './tree';

export class Tooltip {
  readonly root = element('div', { class: 'tooltip', attributes: { 'aria-hidden': 'true' } });
  private readonly title = element('div', { class: 'tooltip-name' });
  private readonly symbol = element('div', { class: 'tooltip-symbol' });
  private readonly place = element('div', { class: 'tooltip-place' });
  private readonly kind = element('div', { class: 'tooltip-kind' });
  private readonly table = element('table');
  private readonly hint = element('div', { class: 'tooltip-hint' });

  constructor(private readonly profile: () => Profile) {
    this.root.append(this.title, this.symbol, this.place, this.kind, this.table, this.hint);
    this.root.hidden = true;
  }

  hide(): void {
    this.root.hidden = true;
  }

  /** @param anchor what the tooltip stands beside: the pointer, or a corner of the graph. */
  show(node: number, zoomed: number, anchor: DOMRect, hint: string): void {
    const profile = this.profile();
    const row = profile.rowOf(node);
    setText(this.title, profile.nameOf(node));
    setText(this.symbol, row?.symbol ?? '');
    setText(this.place, placeOf(profile, node));
    const kind =
      node === 0 ? profile.unit.all : kindText(profile.kinds, profile.tree.kinds[node]!).label;
    setText(this.kind, [kind, ...flagTexts(profile.tree.flags[node]!)].join(' · '));
    this.table.replaceChildren(...this.rows(node, zoomed));
    setText(this.hint, row?.hasSource === true ? hint : '');
    this.root.hidden = false;
    this.moveTo(anchor);
  }

  private rows(node: number, zoomed: number): HTMLElement[] {
    const { tree, unit } = this.profile();
    const all = weightOf(tree);
    const base = tree.total[zoomed]!;
    const withZoom = zoomed !== 0;
    const titles = ['', unit.column, unit.counted, '% of all', withZoom ? '% of zoomed' : ''];
    const heads = titles.filter((title, i) => i === 0 || title !== '');
    const head = element('tr', {}, ...heads.map((text) => element('th', { text })));
    const line = (label: string, weight: number): HTMLElement => {
      const cells = [unit.text(weight), percent(weight, all)];
      if (unit.counted !== '') cells.splice(1, 0, samples(weight, all, tree.samples));
      if (withZoom) cells.push(percent(weight, base));
      const cellsMade = cells.map((text) => element('td', { text }));
      return element('tr', {}, element('th', { text: label }), ...cellsMade);
    };
    const lines = [line('total', tree.total[node]!), line('self', tree.self[node]!)];
    const grown = growthOf(tree, node);
    if (grown === undefined) return [head, ...lines];
    const growth = `${grown > 0 ? '+' : ''}${unit.text(grown)}`;
    const past = [
      ...(tree.before === undefined ? [] : [['before', unit.text(tree.before[node]!)]]),
      ['growth', growth],
    ].map(([label = '', text = '']) =>
      element('tr', {}, element('th', { text: label }), element('td', { text })),
    );
    return [head, ...lines, ...past];
  }

  private moveTo(anchor: DOMRect): void {
    const { offsetWidth: width, offsetHeight: height } = this.root;
    const gap = 14;
    const left = Math.min(anchor.left + gap, innerWidth - width - 4);
    let top = anchor.bottom + gap;
    if (top + height > innerHeight - 4) top = Math.max(4, anchor.top - height - gap);
    this.root.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }
}

/** What came less what went; undefined: nothing is compared. */
export function growthOf(tree: Tree, node: number): number | undefined {
  return tree.net?.[node] ?? (tree.before && tree.total[node]! - tree.before[node]!);
}

/** Where the frame's function is defined, and the line in it that costs most. */
export function placeOf(profile: Profile, node: number): string {
  const row = profile.rowOf(node);
  if (row === undefined) return '';
  const defined = place(row);
  const hot = profile.tree.lines[node]!;
  return hot > 0 && hot !== row.line && defined !== ''
    ? `${defined}, hottest line ${hot}`
    : defined;
}

/** Samples have no exact number where the rate changed: weights are what is counted. */
function samples(weight: number, all: number, total: number): string {
  return all > 0 ? whole((weight / all) * total) : '0';
}
