/** The meaning of the heat map's colours. */
import type { LatencyHeat } from '../../../extension/page/messages';
import { element, setText } from '../../common/dom';
import { count } from '../../common/format';

export class HeatLegend {
  readonly root = element('span', { class: 'latency-legend' });
  private readonly ramp = element('span', { class: 'ramp', attributes: { 'aria-hidden': 'true' } });
  private readonly most = element('span');

  constructor() {
    this.root.append(element('span', { text: '1' }), this.ramp, this.most);
    this.root.title = 'Requests of one time and latency; the scale of colours is logarithmic';
  }

  update({ counts }: LatencyHeat, colours: readonly string[]): void {
    const most = counts.reduce((high, column) => Math.max(high, ...column), 0);
    this.root.hidden = most === 0;
    setText(this.most, count(most, 'request'));
    this.ramp.style.background = `linear-gradient(to right, ${colours.join()})`;
  }
}
