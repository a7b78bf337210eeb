/** Percentiles: each a figure of all requests and a line over time, which can be hidden. */
import type { LatencyFigures, LatencyHeat } from '../../../extension/page/messages';
import { element, setText } from '../../common/dom';
import type { Line } from './draw';
import { latency } from './words';

interface Percentile {
  readonly id: 'p50Us' | 'p90Us' | 'p99Us' | 'p999Us' | 'maxUs';
  readonly label: string;
  readonly title: string;
  readonly dash: readonly number[];
  /** Its line is shown at first. */
  readonly shown: boolean;
}

const PERCENTILES: readonly Percentile[] = [
  { id: 'p50Us', label: 'p50', title: 'Half of the requests', dash: [], shown: true },
  { id: 'p90Us', label: 'p90', title: '90 % of the requests', dash: [8, 3], shown: false },
  { id: 'p99Us', label: 'p99', title: '99 % of the requests', dash: [5, 3], shown: true },
  { id: 'p999Us', label: 'p99.9', title: '99.9 % of the requests', dash: [2, 3], shown: false },
  { id: 'maxUs', label: 'max', title: 'All requests', dash: [1, 4], shown: false },
];

export class Percentiles {
  readonly root = element('div', {
    class: 'latency-figures',
    attributes: { role: 'group', 'aria-label': 'Percentiles; each shows or hides its line' },
  });
  private readonly shown = new Set(PERCENTILES.filter(({ shown }) => shown).map(({ id }) => id));
  private readonly values = new Map<Percentile['id'], HTMLElement>();

  constructor(onChange: () => void) {
    for (const { id, label, title } of PERCENTILES) {
      const value = element('span', { class: 'value' });
      const made = element(
        'button',
        {
          title: `${title} took no longer; shows or hides the line`,
          attributes: { type: 'button', 'aria-pressed': String(this.shown.has(id)) },
        },
        element('span', { class: 'name', text: label }),
        ' ',
        value,
      );
      made.addEventListener('click', () => {
        if (!this.shown.delete(id)) this.shown.add(id);
        made.setAttribute('aria-pressed', String(this.shown.has(id)));
        onChange();
      });
      this.values.set(id, value);
      this.root.append(made);
    }
  }

  update(all: LatencyFigures): void {
    for (const [id, value] of this.values) setText(value, all.count > 0 ? latency(all[id]) : '–');
  }

  lines(heat: LatencyHeat): Line[] {
    return PERCENTILES.filter(({ id }) => this.shown.has(id)).map(({ id, label, dash }) => ({
      label,
      dash,
      values: heat[id],
    }));
  }
}

/** Of one column: "p50 1.2 ms, p90 …" */
export function percentilesText(heat: LatencyHeat, column: number): string {
  return PERCENTILES.map(({ id, label }) => {
    const value = heat[id][column];
    return value === null || value === undefined ? '' : `${label} ${latency(value)}`;
  })
    .filter((text) => text !== '')
    .join(' · ');
}
