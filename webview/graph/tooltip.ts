/** Shows what a frame is and costs, beside the pointer or the selection. */
import { element, setText } from '../common/dom';
import { flagTexts, kindText } from './kinds';
import type { Profile } from './profile';
import { place } from './search';
import { tooltipTable } from './tooltip-table';

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
    setText(
      this.kind,
      [kind, ...flagTexts(profile.tree.flags[node]!, profile.tree.kinds[node]!)].join(' · '),
    );
    this.table.replaceChildren(...this.rows(node, zoomed));
    setText(this.hint, row?.hasSource === true ? hint : '');
    this.root.hidden = false;
    this.moveTo(anchor);
  }

  private rows(node: number, zoomed: number): HTMLElement[] {
    return tooltipTable(this.profile(), node, zoomed).map((cells, row) => {
      const made = cells.map((text, i) => element(row === 0 || i === 0 ? 'th' : 'td', { text }));
      return element('tr', {}, ...made);
    });
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
