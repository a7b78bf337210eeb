/** Shares as a pie. Slices can be clicked; the table beside it has the same for the keyboard. */
import { arc, pie, type PieArcDatum } from 'd3';
import { element } from './dom';

export interface Slice {
  /** Of the row; undefined: what is too small for a slice of its own. */
  readonly key: string | undefined;
  readonly name: string;
  readonly weight: number;
  /** "12.3 %" */
  readonly share: string;
  readonly fill: string;
  readonly selected: boolean;
}

const SVG = 'http://www.w3.org/2000/svg';
const RADIUS = 100;
/** Smaller slices have no room for a label. */
const LABELLED = 0.045;
const HOLE = 34;
/** Width of a character of a label. */
const CHARACTER = 5.4;
/** Less of a name says nothing. */
const LEAST = 6;

export interface PieEvents {
  onSelect(key: string): void;
  onOpen(key: string): void;
  onHover(key: string | undefined): void;
}

export class Pie {
  readonly root = element('div', { class: 'pie' });
  private readonly svg = document.createElementNS(SVG, 'svg');
  private shown = '';

  constructor(private readonly events: PieEvents) {
    this.svg.setAttribute('viewBox', '-112 -112 224 224');
    this.svg.setAttribute('role', 'img');
    this.root.append(this.svg);
    this.svg.addEventListener('pointerleave', () => this.events.onHover(undefined));
  }

  /**
   * @param caption what the pie is of.
   * @param figure of all of it, and what that is: in the middle.
   */
  update(
    slices: readonly Slice[],
    caption: string,
    hovered: string | undefined,
    figure: readonly [amount: string, of: string] = ['', ''],
  ): void {
    const key = JSON.stringify([slices, caption, hovered, figure]);
    if (key === this.shown) return;
    this.shown = key;
    const text = slices.map((slice) => `${slice.name} ${slice.share}`).join(', ');
    const whole = figure[0] === '' ? '' : `; ${figure.join(' ')}`;
    this.svg.setAttribute('aria-label', `${caption}: ${text || 'nothing'}${whole}`);
    const layout = pie<Slice>()
      .value((slice) => slice.weight)
      .sort(null)([...slices]);
    this.svg.replaceChildren(
      ...layout.flatMap((datum) => this.slice(datum, hovered)),
      ...(layout.length === 0 ? [] : figure.map(middle)),
    );
  }

  private slice(datum: PieArcDatum<Slice>, hovered: string | undefined): SVGElement[] {
    const slice = datum.data;
    const lifted = slice.selected || (slice.key !== undefined && slice.key === hovered);
    const outer = lifted ? RADIUS + 8 : RADIUS;
    const shape = arc<PieArcDatum<Slice>>().innerRadius(HOLE).outerRadius(outer);
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', shape(datum) ?? '');
    path.setAttribute('class', slice.selected ? 'slice selected' : 'slice');
    path.style.fill = slice.fill;
    const title = document.createElementNS(SVG, 'title');
    title.textContent = `${slice.name}: ${slice.share}`;
    path.append(title);
    const { key } = slice;
    if (key !== undefined) {
      path.addEventListener('click', () => this.events.onSelect(key));
      path.addEventListener('dblclick', () => this.events.onOpen(key));
      path.addEventListener('pointerenter', () => this.events.onHover(key));
    }
    const angle = datum.endAngle - datum.startAngle;
    if (angle < LABELLED * 2 * Math.PI) return [path];
    return [path, ...labels(slice, shape.centroid(datum), roomOf(datum))];
  }
}

/** A line of text in the hole. */
function middle(text: string, line: number): SVGElement {
  const label = document.createElementNS(SVG, 'text');
  label.setAttribute('y', line === 0 ? '-1' : '11');
  label.setAttribute('class', line === 0 ? 'pie-figure' : 'pie-unit');
  label.textContent = text;
  return label;
}

/** Width that a line of text has in the middle of a slice, roughly. */
function roomOf({ startAngle, endAngle }: PieArcDatum<Slice>): number {
  const middle = (startAngle + endAngle) / 2;
  const along = (endAngle - startAngle) * ((RADIUS + HOLE) / 2);
  const across = RADIUS - HOLE;
  // At the top and the bottom a slice is as wide as its arc is long, at the sides as the ring is.
  return Math.min(
    along / Math.max(0.2, Math.abs(Math.cos(middle))),
    across / Math.max(0.2, Math.abs(Math.sin(middle))),
  );
}

function labels(slice: Slice, [x, y]: [number, number], room: number): SVGElement[] {
  const fits = Math.floor(room / CHARACTER) - 1;
  const short = slice.name.length > fits ? `${slice.name.slice(0, fits - 1)}…` : slice.name;
  const lines = fits < Math.min(LEAST, slice.name.length) ? [] : [short];
  return [...lines, slice.share].map((text, line) => {
    const label = document.createElementNS(SVG, 'text');
    label.setAttribute('x', x.toFixed(1));
    label.setAttribute('y', (y + (line === 0 ? -1 : 9)).toFixed(1));
    label.setAttribute('class', 'slice-label');
    label.style.fill = onColour(slice.fill);
    label.textContent = text;
    return label;
  });
}

/** Black or white, whichever can be read better on the colour. */
function onColour(fill: string): string {
  const parts = /^#(..)(..)(..)$/.exec(fill)?.slice(1);
  if (parts === undefined) return 'Canvas';
  const [r, g, b] = parts.map((hex) => {
    const value = parseInt(hex, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  return luminance > 0.179 ? '#000000' : '#ffffff';
}
