/** Lines over time, with the collector's work below them, and a cursor for pointer and keyboard. */
import { area, axisBottom, axisLeft, bisector, line, scaleLinear, scaleTime, select } from 'd3';
import type { GcPhase } from '../../../extension/profile/memory';
import { clock } from '../../common/clock';
import { element } from '../../common/dom';
import { type Gap, pieces } from '../../common/gaps';
import type { Series } from './series';
import { size } from './words';

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = { top: 8, right: 12, bottom: 36, left: 72 };
/** The band that shows when the collector worked. */
const BAND = 7;
const MOST_TICKS = 6;
const MEBIBYTE = 2 ** 20;

export interface Drawing {
  readonly series: readonly Series[];
  /** When the collector of the worker was in which phase; empty: not shown. */
  readonly phases: readonly (readonly [atMs: number, phase: GcPhase])[];
  /** Nobody sampled then; Unix milliseconds. */
  readonly gaps: readonly Gap[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly label: string;
}

/** Pixels from which on a gap has room for its words. */
const WORDS_FROM = 64;

const byTime = bisector((point: readonly [number, unknown]) => point[0]);

/** The figure at a time, or at the one next to it. */
export function valueAt(series: Series, atMs: number): number | undefined {
  return series.points[byTime.center(series.points, atMs)]?.[1];
}

export class Chart {
  readonly root = element('div', {
    class: 'memory-chart',
    attributes: { tabindex: '0', role: 'img' },
  });
  private readonly svg = document.createElementNS(SVG, 'svg');
  private readonly gaps = group('gaps');
  private readonly lines = group('lines');
  private readonly band = group('band');
  private readonly xAxis = group('axis');
  private readonly yAxis = group('axis');
  private readonly cursor = document.createElementNS(SVG, 'line');
  private readonly x = scaleTime();
  private readonly y = scaleLinear();
  private drawing: Drawing | undefined;

  /** @param onCursor undefined: the cursor has left, so that now is meant. */
  constructor(private readonly onCursor: (atMs: number | undefined) => void) {
    this.cursor.setAttribute('class', 'cursor');
    this.svg.setAttribute('aria-hidden', 'true');
    this.svg.append(this.yAxis, this.xAxis, this.gaps, this.band, this.lines, this.cursor);
    this.root.append(this.svg);
    this.root.addEventListener('pointermove', (event) => this.point(event));
    this.root.addEventListener('pointerleave', () => this.onCursor(undefined));
    this.root.addEventListener('blur', () => this.onCursor(undefined));
    new ResizeObserver(() => this.redraw()).observe(this.root);
  }

  draw(drawing: Drawing): void {
    this.drawing = drawing;
    this.redraw();
  }

  /** Where the cursor stands; undefined: nowhere. */
  setCursor(atMs: number | undefined): void {
    const x = atMs === undefined ? -1 : this.x(atMs);
    this.cursor.classList.toggle('away', x < MARGIN.left);
    for (const name of ['x1', 'x2']) this.cursor.setAttribute(name, String(x));
  }

  private redraw(): void {
    const { drawing } = this;
    const { clientWidth: width, clientHeight: height } = this.root;
    if (drawing === undefined || width === 0 || height === 0) return;
    const { series, gaps, fromMs, toMs } = drawing;
    const bottom = height - MARGIN.bottom;
    const seen = series.flatMap(({ points, range = [] }) => [
      ...points.filter(([at]) => at >= fromMs).map(([, bytes]) => bytes),
      ...range.filter(([at]) => at >= fromMs).map(([, , high]) => high),
    ]);
    const most = seen.reduce((high, bytes) => Math.max(high, bytes), MEBIBYTE) / MEBIBYTE;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.x.domain([fromMs, toMs]).range([MARGIN.left, width - MARGIN.right]);
    this.y.domain([0, most]).range([bottom, MARGIN.top]).nice(MOST_TICKS);
    this.drawAxes(width, bottom);
    const path = line<readonly [number, number]>(
      ([at]) => this.x(at),
      ([, bytes]) => this.y(bytes / MEBIBYTE),
    );
    const between = area<readonly [number, number, number]>(
      ([at]) => this.x(at),
      ([, low]) => this.y(low / MEBIBYTE),
      ([, , high]) => this.y(high / MEBIBYTE),
    );
    this.lines.replaceChildren(
      ...series.flatMap(({ look, points, range }) => {
        const shown = pieces(
          points.filter(([at]) => at >= fromMs),
          gaps,
        );
        const line = pathOf(`line ${look}`, shown.map((piece) => path(piece)).join(''));
        if (range === undefined) return [line];
        const areas = pieces(
          range.filter(([at]) => at >= fromMs),
          gaps,
        );
        return [pathOf('range', areas.map((piece) => between(piece)).join('')), line];
      }),
    );
    this.drawGaps(drawing, bottom);
    this.drawBand(drawing, bottom);
    this.cursor.setAttribute('y1', String(MARGIN.top));
    this.cursor.setAttribute('y2', String(bottom + BAND));
    this.root.setAttribute('aria-label', describe(drawing));
  }

  private drawAxes(width: number, bottom: number): void {
    const ticks = Math.max(2, Math.min(8, Math.floor(width / 130)));
    this.xAxis.setAttribute('transform', `translate(0,${bottom + BAND + 2})`);
    this.yAxis.setAttribute('transform', `translate(${MARGIN.left},0)`);
    select(this.xAxis).call(
      axisBottom<Date>(this.x)
        .ticks(ticks)
        .tickFormat((at) => clock(at.getTime())),
    );
    const inside = -(width - MARGIN.left - MARGIN.right);
    select(this.yAxis).call(
      axisLeft<number>(this.y)
        .ticks(MOST_TICKS)
        .tickSize(inside)
        .tickFormat((value) => `${value} MiB`),
    );
  }

  /** Nothing is known of these times: no line crosses them. */
  private drawGaps({ gaps, fromMs, toMs }: Drawing, bottom: number): void {
    const seen = gaps.filter(([from, to]) => to > fromMs && from < toMs);
    const parts = seen.flatMap(([from, to]) => {
      const left = this.x(Math.max(from, fromMs));
      const width = Math.max(2, this.x(Math.min(to, toMs)) - left);
      const part = document.createElementNS(SVG, 'rect');
      const [x, y] = [left.toFixed(1), String(MARGIN.top)];
      const size = { width: width.toFixed(1), height: String(bottom - MARGIN.top) };
      for (const [name, value] of Object.entries({ class: 'gap', x, y, ...size }))
        part.setAttribute(name, value);
      if (width < WORDS_FROM) return [part];
      const words = document.createElementNS(SVG, 'text');
      words.textContent = 'not traced';
      words.setAttribute('x', (left + width / 2).toFixed(1));
      words.setAttribute('y', String(MARGIN.top + 14));
      return [part, words];
    });
    this.gaps.replaceChildren(...parts);
  }

  /** From each point on, the phase that it shows, up to the next; in a gap none is known. */
  private drawBand({ phases: seen, gaps, fromMs }: Drawing, bottom: number): void {
    const unknown = gaps.map(([from]) => [from, 'unknown'] as const);
    const phases = [...seen, ...unknown].sort(([one], [other]) => one - other);
    const shown = phases
      .filter(([at]) => at >= fromMs)
      .map(([at, phase]) => [at, workOf(phase)] as const);
    const turns = shown.filter(([, work], i) => work !== shown[i - 1]?.[1]);
    const end = phases.at(-1)?.[0] ?? 0;
    const parts = turns.flatMap(([at, work], i) => {
      if (work === '') return [];
      const part = document.createElementNS(SVG, 'rect');
      const from = this.x(at);
      const to = this.x(turns[i + 1]?.[0] ?? end);
      part.setAttribute('class', work);
      part.setAttribute('x', from.toFixed(1));
      part.setAttribute('y', String(bottom));
      part.setAttribute('width', Math.max(1, to - from).toFixed(1));
      part.setAttribute('height', String(BAND));
      return [part];
    });
    this.band.replaceChildren(...parts);
  }

  private point({ clientX }: PointerEvent): void {
    const { left } = this.root.getBoundingClientRect();
    const at = this.x.invert(clientX - left).getTime();
    const { fromMs, toMs } = this.drawing ?? { fromMs: 0, toMs: 0 };
    this.onCursor(Math.min(toMs, Math.max(fromMs, at)));
  }
}

/** Also a class of the style sheet; '': it rests. */
function workOf(phase: GcPhase): '' | 'marking' | 'sweeping' {
  if (phase === 'pause' || phase === 'unknown') return '';
  return phase.startsWith('sweep') ? 'sweeping' : 'marking';
}

function describe({ label, series, gaps, fromMs, toMs }: Drawing): string {
  const texts = series.map(({ name, points }) => {
    const values = points.map(([, bytes]) => bytes);
    const now = values.at(-1) ?? 0;
    const most = values.reduce((high, value) => Math.max(high, value), 0);
    return `${name} now ${size(now)}, at most ${size(most)}`;
  });
  const missing = gaps
    .filter(([from, to]) => to > fromMs && from < toMs)
    .map(([from, to]) => ` Not traced from ${clock(from)} to ${clock(to)}.`);
  const all = texts.join('; ') || 'nothing is known yet';
  return `${label}: ${all}.${missing.join('')} Arrow keys move in time.`;
}

function pathOf(name: string, d: string | null): SVGPathElement {
  const made = document.createElementNS(SVG, 'path');
  made.setAttribute('class', name);
  made.setAttribute('d', d ?? '');
  return made;
}

function group(name: string): SVGGElement {
  const made = document.createElementNS(SVG, 'g');
  made.setAttribute('class', name);
  return made;
}
