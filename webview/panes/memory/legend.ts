/** Names of the chart's lines with their figures at the cursor; each shows or hides its line. */
import { clock } from '../../common/clock';
import { element, setText } from '../../common/dom';
import { type Gap, gapAt } from '../../common/gaps';
import { valueAt } from './chart';
import type { Series } from './series';
import { size } from './words';

const SVG = 'http://www.w3.org/2000/svg';

export class MemoryLegend {
  readonly root = element('div', {
    class: 'memory-legend',
    attributes: { role: 'group', 'aria-label': 'Lines of the chart' },
  });
  private readonly time = element('span', { class: 'memory-time' });
  private readonly items = new Map<string, { root: HTMLElement; value: HTMLElement }>();

  constructor(private readonly onToggle: (id: string) => void) {
    this.root.append(this.time);
  }

  /**
   * @param atMs of the cursor; undefined: now.
   * @param gaps in which nothing is known.
   */
  update(
    series: readonly Series[],
    hidden: ReadonlySet<string>,
    atMs: number | undefined,
    gaps: readonly Gap[],
  ): void {
    const inGap = atMs !== undefined && gapAt(gaps, atMs) !== undefined;
    const ids = series.map(({ id }) => id);
    if (ids.join() !== [...this.items.keys()].join()) this.rebuild(series);
    const time = atMs === undefined ? 'now' : clock(atMs);
    setText(this.time, inGap ? `${time}, not traced` : time);
    for (const each of series) {
      const item = this.items.get(each.id)!;
      item.root.setAttribute('aria-pressed', String(!hidden.has(each.id)));
      const value = inGap ? undefined : valueAt(each, atMs ?? Infinity);
      setText(item.value, value === undefined ? '–' : size(value));
    }
  }

  private rebuild(series: readonly Series[]): void {
    this.items.clear();
    const made = series.map(({ id, name, title, look }) => {
      const value = element('span', { class: 'value' });
      const attributes = { type: 'button' };
      const root = element('button', { title, attributes }, sample(look), name, ' ', value);
      root.addEventListener('click', () => this.onToggle(id));
      this.items.set(id, { root, value });
      return root;
    });
    this.root.replaceChildren(this.time, ...made);
  }
}

/** A piece of the line as it is drawn. */
function sample(look: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  const line = document.createElementNS(SVG, 'path');
  svg.setAttribute('viewBox', '0 0 26 8');
  svg.setAttribute('class', 'sample');
  svg.setAttribute('aria-hidden', 'true');
  line.setAttribute('class', `line ${look}`);
  line.setAttribute('d', 'M0,4H26');
  svg.append(line);
  return svg;
}
