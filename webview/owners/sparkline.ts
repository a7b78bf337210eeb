/** A row's CPU over the last minute, as a line. */
const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 80;
const HEIGHT = 18;
/** Points of a full line: a second each. */
const SECONDS = 60;

export class Sparkline {
  readonly root = document.createElementNS(SVG, 'svg');
  private readonly line = document.createElementNS(SVG, 'polyline');
  private shown = '';

  constructor() {
    this.root.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.root.setAttribute('class', 'sparkline');
    this.root.setAttribute('role', 'img');
    this.line.setAttribute('class', 'sparkline-line');
    this.root.append(this.line);
  }

  /**
   * @param cores used in each second, oldest first.
   * @param most what the full height stands for.
   */
  update(cores: readonly number[], most: number): void {
    const key = `${most}|${cores.join()}`;
    if (key === this.shown) return;
    this.shown = key;
    const step = WIDTH / (SECONDS - 1);
    const from = SECONDS - cores.length;
    const points = cores.map((value, i) => {
      const x = (from + i) * step;
      const y = HEIGHT - 1.5 - (most > 0 ? Math.min(1, value / most) : 0) * (HEIGHT - 3);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    });
    this.line.setAttribute('points', points.join(' '));
    this.root.setAttribute('aria-label', describe(cores));
  }
}

function describe(cores: readonly number[]): string {
  if (cores.length === 0) return 'no trend yet';
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const last = cores.at(-1)!;
  const most = Math.max(...cores);
  return `last ${cores.length} s: now ${percent(last)} of a core, at most ${percent(most)}`;
}
