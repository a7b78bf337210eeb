/** The longest iteration of each stretch of time, on a scale of powers of ten. */
import type { LoopMessage } from '../../../extension/page/messages';
import { timeOf } from '../../common/clock';
import { element } from '../../common/dom';
import { length } from './columns';

const SVG = 'http://www.w3.org/2000/svg';
const MARGIN = { top: 8, right: 12, bottom: 22, left: 64 };
/** The scale's lower end, us. */
const LEAST = 100;
const TICK_ROOM = 110;

export class Strip {
  readonly root = element('div', { class: 'loop-strip', attributes: { role: 'img' } });
  private readonly svg = document.createElementNS(SVG, 'svg');
  private message: LoopMessage | undefined;

  constructor() {
    this.svg.setAttribute('aria-hidden', 'true');
    this.root.append(this.svg);
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  show(message: LoopMessage): void {
    this.message = message;
    this.root.setAttribute('aria-label', describe(message));
    this.draw();
  }

  private draw(): void {
    const { message } = this;
    const { clientWidth: width, clientHeight: height } = this.root;
    if (message === undefined || width === 0 || height === 0) return;
    const { strip, stallUs, startUnixMs } = message;
    const most = Math.max(10 * stallUs, ...strip.longestUs.map((us) => us ?? 0));
    const top = Math.ceil(Math.log10(most));
    const bottom = height - MARGIN.bottom;
    const y = (us: number): number => {
      const part = (Math.log10(Math.max(LEAST, us)) - 2) / (top - 2);
      return bottom - part * (bottom - MARGIN.top);
    };
    const inside = width - MARGIN.left - MARGIN.right;
    const step = inside / Math.max(1, strip.longestUs.length);
    const parts: SVGElement[] = [];
    for (let power = 2; power <= top; power++) {
      const us = 10 ** power;
      parts.push(line('grid', MARGIN.left, y(us), width - MARGIN.right, y(us)));
      parts.push(text('end', MARGIN.left - 6, y(us) + 4, length(us).replace(/\.0+ /, ' ')));
    }
    strip.longestUs.forEach((us, at) => {
      if (us === null) return;
      const bar = make('rect', us >= stallUs ? 'stall' : 'bar');
      const title = document.createElementNS(SVG, 'title');
      const time = timeOf(startUnixMs, strip.fromUs + at * strip.columnUs);
      title.textContent = `${time}: ${length(us)} at most`;
      set(bar, { x: MARGIN.left + at * step, y: y(us), height: Math.max(1, bottom - y(us)) });
      set(bar, { width: Math.max(1, step - (step > 3 ? 1 : 0)) });
      bar.append(title);
      parts.push(bar);
    });
    parts.push(line('threshold', MARGIN.left, y(stallUs), width - MARGIN.right, y(stallUs)));
    const every = Math.max(1, Math.ceil(TICK_ROOM / Math.max(step, 0.01)));
    for (let at = 0; at < strip.longestUs.length; at += every) {
      const time = timeOf(startUnixMs, strip.fromUs + at * strip.columnUs);
      parts.push(text('start', MARGIN.left + at * step, height - 6, time));
    }
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren(...parts);
  }
}

function describe({ strip, stallUs }: LoopMessage): string {
  const known = strip.longestUs.filter((us) => us !== null);
  const over = known.filter((us) => us >= stallUs).length;
  const most = known.reduce((high, us) => Math.max(high, us), 0);
  return (
    `The longest iteration over time: ${length(most)} at most; in ${over} of ${known.length} ` +
    `stretches of time one took ${length(stallUs)} or more.`
  );
}

function make(tag: 'rect' | 'line' | 'text', name: string): SVGElement {
  const made: SVGElement = document.createElementNS(SVG, tag);
  made.setAttribute('class', name);
  return made;
}

function set(target: SVGElement, numbers: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(numbers)) target.setAttribute(key, value.toFixed(1));
}

function line(name: string, x1: number, y1: number, x2: number, y2: number): SVGElement {
  const made = make('line', name);
  set(made, { x1, y1, x2, y2 });
  return made;
}

function text(anchor: 'start' | 'end', x: number, y: number, words: string): SVGElement {
  const made = make('text', '');
  made.setAttribute('text-anchor', anchor);
  set(made, { x, y });
  made.textContent = words;
  return made;
}
