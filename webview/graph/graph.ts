/**
 * The flame graph: one canvas that draws what is in view, and two outlines for pointer and
 * selection.
 */
import { makePalette, type Palette } from './colours';
import { element } from '../common/dom';
import { draw } from './draw';
import { Boxes, layOut, MIN_WIDTH, type Span } from './layout';
import type { Profile } from './profile';
import { CharWidths } from './text';
import { readTheme } from '../common/theme';
import { nodeAt } from './tree';
import type { Zoom } from './zoom';

export class Graph {
  /** Takes the keyboard's focus and scrolls; its content is as high as the graph. */
  readonly scroller = element('div', {
    class: 'graph-scroller',
    attributes: { tabindex: '0', role: 'tree', 'aria-label': 'Flame graph' },
  });
  private readonly content = element('div', { class: 'graph-content' });
  private readonly canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  private readonly hoverOutline = element('div', { class: 'outline hover' });
  private readonly selectionOutline = element('div', { class: 'outline selection' });
  private readonly context: CanvasRenderingContext2D;
  private readonly boxes = new Boxes();
  private palette!: Palette;
  private widths!: CharWidths;
  private font = '';
  private rowHeight = 20;
  private contentHeight = 0;
  private inverted = false;
  private requested = false;
  private painted: (() => void)[] = [];

  /** Set by the page. */
  zoom!: Zoom;
  selected: () => number = () => -1;
  hovered: () => number = () => -1;
  found: () => Uint8Array | undefined = () => undefined;
  onDrawn: () => void = () => undefined;

  constructor(private readonly profile: () => Profile) {
    const context = this.canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('This page cannot draw: the browser has no 2D canvas.');
    this.context = context;
    this.content.append(this.canvas, this.hoverOutline, this.selectionOutline);
    this.scroller.append(this.content);
    this.readTheme();
    this.scroller.addEventListener('scroll', () => this.redraw(), { passive: true });
    new ResizeObserver(() => this.redraw()).observe(this.scroller);
  }

  get colours(): Palette {
    return this.palette;
  }

  readTheme(): void {
    const theme = readTheme();
    this.palette = makePalette(theme, this.profile().kinds);
    // A system colour is no name for a pixel's colour, but the canvas accepts it.
    this.font = `${theme.fontSize - 1}px ${theme.fontFamily}`;
    this.rowHeight = Math.round(theme.fontSize * 1.55);
    this.widths = new CharWidths((text) => {
      this.context.font = this.font;
      return this.context.measureText(text).width;
    });
    this.redraw();
  }

  setInverted(inverted: boolean): void {
    if (inverted === this.inverted) return;
    this.inverted = inverted;
    this.contentHeight = 0;
    this.scroller.scrollTop = 0;
    this.redraw();
  }

  get isInverted(): boolean {
    return this.inverted;
  }

  /** Draws before the next frame; `then` is called when that frame has been painted. */
  redraw(then?: () => void): void {
    if (then !== undefined) this.painted.push(then);
    if (this.requested) return;
    this.requested = true;
    requestAnimationFrame(() => {
      this.requested = false;
      this.drawNow();
      const waiting = this.painted;
      if (waiting.length === 0) return;
      this.painted = [];
      // A task that follows an animation frame runs after the frame was handed on for painting.
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        channel.port1.close();
        waiting.forEach((call) => call());
      };
      channel.port2.postMessage(undefined);
    });
  }

  private drawNow(): void {
    const { clientWidth: width, clientHeight: height } = this.scroller;
    if (width === 0 || height === 0) return;
    const tree = this.profile().tree;
    layOut(tree, this.zoom.span(), width, this.boxes);
    this.resizeContent(height);
    this.resizeCanvas(width, height);
    // Read once: each reading asks the browser whether its layout still holds.
    const { scrollTop } = this.scroller;
    draw(this.context, {
      tree,
      boxes: this.boxes,
      kinds: this.profile().kinds,
      palette: this.palette,
      widths: this.widths,
      font: this.font,
      rowHeight: this.rowHeight,
      width,
      height,
      pixelRatio: devicePixelRatio,
      top: (depth) => this.top(depth) - scrollTop,
      zoomed: this.zoom.node,
      found: this.found(),
      labelOf: (node) => this.profile().nameOf(node),
      placeOf: (node) => this.profile().shortPlaceOf(node),
    });
    this.outline(this.selectionOutline, this.selected());
    this.outline(this.hoverOutline, this.hovered());
    this.onDrawn();
  }

  private resizeContent(viewport: number): void {
    const height = Math.max(viewport, (this.boxes.maxDepth + 2) * this.rowHeight);
    if (height === this.contentHeight) return;
    const grown = height - this.contentHeight;
    this.contentHeight = height;
    this.content.style.height = `${height}px`;
    // The root stands at the bottom of a flame graph: what was in view stays so as the graph grows.
    if (!this.inverted) this.scroller.scrollTop += grown;
  }

  private resizeCanvas(width: number, height: number): void {
    const wanted = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (this.canvas.width === wanted[0] && this.canvas.height === wanted[1]) return;
    this.canvas.width = wanted[0]!;
    this.canvas.height = wanted[1]!;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  /** Top edge of a row in the content. */
  private top(depth: number): number {
    return this.inverted
      ? depth * this.rowHeight
      : this.contentHeight - (depth + 1) * this.rowHeight;
  }

  /** The frame under a point of the window; -1 where there is none. */
  nodeAtPoint(clientX: number, clientY: number): number {
    const box = this.scroller.getBoundingClientRect();
    const x = clientX - box.left;
    const y = clientY - box.top + this.scroller.scrollTop;
    if (x < 0 || x >= this.scroller.clientWidth) return -1;
    if (clientY < box.top || clientY >= box.top + this.scroller.clientHeight) return -1;
    const fromRoot = this.inverted ? y : this.contentHeight - y;
    const depth = Math.floor(fromRoot / this.rowHeight);
    if (depth < 0 || depth > this.boxes.maxDepth) return -1;
    const span = this.zoom.span();
    const scale = (span.to - span.from) / this.scroller.clientWidth;
    const node = nodeAt(this.profile().tree, depth, span.from + x * scale);
    return node >= 0 && this.widthOf(node, span) >= MIN_WIDTH ? node : -1;
  }

  /** Part of the shown width at which a point of the window lies, 0 to 1. */
  partAt(clientX: number): number {
    const box = this.scroller.getBoundingClientRect();
    return Math.min(1, Math.max(0, (clientX - box.left) / Math.max(1, this.scroller.clientWidth)));
  }

  private widthOf(node: number, span: Span): number {
    const total = this.profile().tree.total[node]!;
    return (total * this.scroller.clientWidth) / (span.to - span.from);
  }

  /** Whether the frame is wide enough to be seen, and inside of what is shown. */
  isVisible(node: number): boolean {
    const tree = this.profile().tree;
    const span = this.zoom.span();
    const start = tree.starts[node]!;
    const inside = start < span.to && start + tree.total[node]! > span.from;
    return inside && this.widthOf(node, span) >= 2;
  }

  /** Where the frame stands in the window; undefined where it is not in view. */
  rectOf(node: number): DOMRect | undefined {
    const place = this.placeOf(node);
    if (place === undefined) return undefined;
    const box = this.scroller.getBoundingClientRect();
    const top = place.top - this.scroller.scrollTop + box.top;
    return new DOMRect(box.left + place.left, top, place.width, this.rowHeight - 1);
  }

  /** Where callees reach last: what stands there does not hide where the keyboard goes. */
  farCorner(): DOMRect {
    const box = this.scroller.getBoundingClientRect();
    return new DOMRect(box.left, this.inverted ? box.bottom : box.top, 0, 0);
  }

  private placeOf(node: number): { left: number; top: number; width: number } | undefined {
    const tree = this.profile().tree;
    if (node < 0 || node >= tree.size) return undefined;
    const span = this.zoom.span();
    const scale = this.scroller.clientWidth / (span.to - span.from);
    const left = Math.max(0, (tree.starts[node]! - span.from) * scale);
    const right = Math.min(
      this.scroller.clientWidth,
      (tree.starts[node]! + tree.total[node]! - span.from) * scale,
    );
    if (!(right - left >= MIN_WIDTH)) return undefined;
    return { left, width: right - left, top: this.top(tree.depths[node]!) };
  }

  private outline(target: HTMLElement, node: number): void {
    const place = this.placeOf(node);
    target.hidden = place === undefined;
    if (place === undefined) return;
    target.style.transform = `translate(${place.left}px, ${place.top}px)`;
    target.style.width = `${Math.max(place.width, 3)}px`;
    target.style.height = `${this.rowHeight - 1}px`;
  }

  /** Moves the outlines without drawing the graph again. */
  refreshOutlines(): void {
    this.outline(this.selectionOutline, this.selected());
    this.outline(this.hoverOutline, this.hovered());
  }

  scrollTo(node: number): void {
    const place = this.placeOf(node);
    if (place === undefined) return;
    const { scrollTop, clientHeight } = this.scroller;
    if (place.top < scrollTop) this.scroller.scrollTop = place.top;
    else if (place.top + this.rowHeight > scrollTop + clientHeight) {
      this.scroller.scrollTop = place.top + this.rowHeight - clientHeight;
    }
  }
}
