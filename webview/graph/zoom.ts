/**
 * The part of the graph that is shown. It is held as a path to the zoomed frame and a part of its
 * width, not in weights or pixels: so it stays where it is while a live profile grows under it.
 */
import { easeCubicOut, interpolateNumber, timer, type Timer } from 'd3';
import type { Span } from './layout';
import { isWithin, pathOf, resolve, widthOf, type Path, type Tree } from './tree';

const ANIMATION_MS = 180;
/** Below this part of the whole, positions would be as fine as the numbers that hold them. */
const NARROWEST = 1e-7;

export class Zoom {
  private path: Path = [];
  /** Part of the zoomed frame's width, 0 to 1. */
  private part: Span = { from: 0, to: 1 };
  /** While an animation runs: what it shows, as parts of the root. */
  private shown: Span | undefined;
  private animation: Timer | undefined;

  constructor(
    private readonly tree: () => Tree,
    private readonly still: () => boolean,
    private readonly onFrame: () => void,
    private readonly onChange: () => void,
  ) {}

  get wanted(): Path {
    return this.path;
  }

  /** The zoomed frame, or the deepest of its ancestors that has samples now. */
  get node(): number {
    return resolve(this.tree(), this.path).node;
  }

  /** False while the frame that was zoomed into has no samples, as happens in a window of time. */
  get complete(): boolean {
    return resolve(this.tree(), this.path).complete;
  }

  get isWhole(): boolean {
    return this.path.length === 0 && this.isWholeFrame;
  }

  private get isWholeFrame(): boolean {
    return this.part.from === 0 && this.part.to === 1;
  }

  /** Returns the span to draw now, in units of weight. */
  span(): Span {
    const tree = this.tree();
    if (this.shown === undefined) return this.target();
    const weight = widthOf(tree);
    return { from: this.shown.from * weight, to: this.shown.to * weight };
  }

  /** Returns the span to draw when the animation has ended. */
  private target(): Span {
    const tree = this.tree();
    const { node, complete } = resolve(tree, this.path);
    const start = tree.starts[node]!;
    const total = tree.total[node]!;
    if (!complete) return { from: start, to: start + total };
    return { from: start + this.part.from * total, to: start + this.part.to * total };
  }

  restore(path: Path): void {
    this.path = path;
    this.part = { from: 0, to: 1 };
    this.stop();
  }

  to(node: number): void {
    this.change(pathOf(this.tree(), node), { from: 0, to: 1 }, true);
  }

  /**
   * One level: from a part of a frame to the whole of it, from there to its nearest wider caller.
   */
  out(): void {
    const tree = this.tree();
    const { node } = resolve(tree, this.path);
    if (!this.isWholeFrame) return this.to(node);
    let above = tree.parents[node]!;
    while (above > 0 && tree.total[above] === tree.total[node]) above = tree.parents[above]!;
    this.to(Math.max(0, above));
  }

  /** Zooms by `factor` (below 1: in) around a point at part `at` of the shown width. */
  by(factor: number, at: number): void {
    const { from, to } = this.target();
    const width = Math.max((to - from) * factor, widthOf(this.tree()) * NARROWEST);
    const fixed = from + at * (to - from);
    this.show({ from: fixed - at * width, to: fixed + (1 - at) * width });
  }

  /** Moves sideways by a part of the shown width. */
  pan(part: number): void {
    const { from, to } = this.target();
    const weight = widthOf(this.tree());
    const step = Math.min(Math.max(part * (to - from), -from), weight - to);
    if (step !== 0) this.show({ from: from + step, to: to + step });
  }

  /** Takes as zoomed frame the topmost of the narrowest that hold the whole span. */
  private show(span: Span): void {
    const tree = this.tree();
    const weight = widthOf(tree);
    if (weight <= 0) return;
    const from = Math.max(0, span.from);
    const to = Math.min(weight, span.to);
    let node = 0;
    for (let i = 1; i < tree.ends[node]!;) {
      const start = tree.starts[i]!;
      const end = start + tree.total[i]!;
      if (start <= from && end >= to) {
        if (tree.total[i]! < tree.total[node]!) node = i;
        i++;
      } else {
        i = tree.ends[i]!;
      }
    }
    const start = tree.starts[node]!;
    const total = tree.total[node]!;
    const part = { from: (from - start) / total, to: (to - start) / total };
    this.change(pathOf(tree, node), part, false);
  }

  private change(path: Path, part: Span, animate: boolean): void {
    const before = this.span();
    this.path = path;
    this.part = part;
    this.stop();
    if (animate && !this.still()) this.animate(before);
    this.onChange();
    this.onFrame();
  }

  private animate(before: Span): void {
    const weight = widthOf(this.tree());
    if (weight <= 0) return;
    const start = { from: before.from / weight, to: before.to / weight };
    this.shown = start;
    this.animation = timer((elapsed) => {
      const done = easeCubicOut(Math.min(1, elapsed / ANIMATION_MS));
      const target = this.target();
      const now = widthOf(this.tree());
      if (elapsed >= ANIMATION_MS || now <= 0) {
        this.stop();
      } else {
        this.shown = {
          from: interpolateNumber(start.from, target.from / now)(done),
          to: interpolateNumber(start.to, target.to / now)(done),
        };
      }
      this.onFrame();
    });
  }

  private stop(): void {
    this.animation?.stop();
    this.animation = undefined;
    this.shown = undefined;
  }

  /** Whether the frame is, or is called by, the zoomed one. */
  holds(node: number): boolean {
    return isWithin(this.tree(), node, this.node);
  }
}
