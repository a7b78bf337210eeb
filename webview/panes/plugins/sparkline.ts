/** A row's CPU or memory over the last minute, as a line. */
import { type Measure, stackSeries } from '../../../extension/profile/series';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 80;
const HEIGHT = 18;
/** Points of a full line: a second each. */
const SECONDS = 60;

export class Sparkline {
  readonly root = document.createElementNS(SVG, 'svg');
  private readonly line = document.createElementNS(SVG, 'path');
  private shown = '';

  constructor() {
    this.root.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.root.setAttribute('class', 'sparkline');
    this.root.setAttribute('role', 'img');
    this.line.setAttribute('class', 'sparkline-line');
    this.root.append(this.line);
  }

  /**
   * @param values cores used in each second, oldest first, or the part of the bytes; null: not known,
   *   and the line has a gap.
   * @param most what the full height stands for.
   */
  update(values: readonly (number | null)[], most: number, measure: Measure): void {
    const key = `${measure}|${most}|${values.join()}`;
    if (key === this.shown) return;
    this.shown = key;
    const step = WIDTH / (SECONDS - 1);
    const from = SECONDS - values.length;
    const points = values.map((value, i) => {
      if (value === null) return '';
      const x = (from + i) * step;
      const y = HEIGHT - 1.5 - (most > 0 ? Math.min(1, value / most) : 0) * (HEIGHT - 3);
      const goesOn = i > 0 && values[i - 1] !== null;
      const place = `${x.toFixed(1)},${y.toFixed(1)}`;
      // One second alone is as long as it was.
      if (!goesOn) return `M${place}${values[i + 1] === null ? `h${step.toFixed(1)}` : ''}`;
      return `L${place}`;
    });
    this.line.setAttribute('d', points.join(''));
    this.root.setAttribute('aria-label', describe(values, measure));
  }
}

function describe(values: readonly (number | null)[], measure: Measure): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return 'no trend yet';
  const unit = stackSeries[measure].words.trendUnit;
  const percent = (value: number): string => `${(100 * value).toFixed(1)} ${unit}`;
  const last = known.at(-1)!;
  const most = Math.max(...known);
  const missing = values.length - known.length;
  const gap = missing > 0 ? `, not known for ${missing} s` : '';
  return `last ${values.length} s: now ${percent(last)}, at most ${percent(most)}${gap}`;
}
