/** Mouse and touchpad on the graph. */
import type { GraphCommands } from './commands';
import type { Graph } from './graph';

/** One notch of a common wheel is 100 to 120 units; touchpads send many small ones. */
const UNITS_PER_DOUBLING = 260;
const DRAG_THRESHOLD = 4;
/** Within it a second click makes a double click of the first. */
const SECOND_CLICK_MS = 250;

export class Pointer {
  private at: { x: number; y: number } | undefined;
  private drag: { x: number; moved: boolean } | undefined;
  private clicked = -1;
  /** For what a click does if it is not the first of two. */
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly graph: Graph,
    private readonly commands: GraphCommands,
    private readonly swapClicks: () => boolean,
    private readonly onHover: () => void,
  ) {
    const target = graph.scroller;
    target.addEventListener('pointerdown', (event) => this.onDown(event));
    target.addEventListener('pointermove', (event) => this.onMove(event));
    target.addEventListener('pointerleave', () => this.leave());
    target.addEventListener('click', (event) => this.onClick(event));
    target.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
  }

  /** The frame under the pointer as the graph stands now; -1: none. */
  get node(): number {
    return this.at === undefined ? -1 : this.graph.nodeAtPoint(this.at.x, this.at.y);
  }

  get anchor(): DOMRect | undefined {
    return this.at && new DOMRect(this.at.x, this.at.y, 0, 0);
  }

  private leave(): void {
    this.at = undefined;
    this.onHover();
  }

  private onDown(event: PointerEvent): void {
    if (event.button === 0) this.drag = { x: event.clientX, moved: false };
  }

  private onMove(event: PointerEvent): void {
    const drag = this.drag;
    if (drag !== undefined && event.buttons === 1) {
      const by = event.clientX - drag.x;
      if (drag.moved || Math.abs(by) >= DRAG_THRESHOLD) {
        drag.moved = true;
        drag.x = event.clientX;
        this.graph.zoom.pan(-by / Math.max(1, this.graph.scroller.clientWidth));
      }
    }
    this.at = { x: event.clientX, y: event.clientY };
    this.onHover();
  }

  /**
   * A click selects at once, and does the rest when no second one has followed: a double click that
   * opened a file as well would halve the graph under the pointer. Alt says that it is to be opened.
   */
  private onClick(event: MouseEvent): void {
    // The click that ends a drag is none.
    if (this.drag?.moved === true) return;
    const second = event.detail === 2;
    clearTimeout(this.waiting);
    if (!second) this.clicked = this.graph.nodeAtPoint(event.clientX, event.clientY);
    const node = this.clicked;
    if (node < 0 || event.detail > 2) return;
    if (!second) this.commands.select(node);
    if (event.altKey) return this.commands.open(node, true);
    const opens = second === this.swapClicks();
    const act = (): void => {
      // Another tree may have come since the click: the selection has gone with its frame.
      const now = this.graph.selected();
      if (now < 0) return;
      if (opens) this.commands.open(now, false);
      else this.commands.zoomTo(now);
    };
    if (second) act();
    else this.waiting = setTimeout(act, SECOND_CLICK_MS);
  }

  /**
   * Wheel zooms around the pointer, sideways pans, Shift scrolls: a pinch arrives as Ctrl+wheel.
   */
  private onWheel(event: WheelEvent): void {
    if (event.shiftKey && !event.ctrlKey) {
      event.preventDefault();
      this.graph.scroller.scrollTop += event.deltaY || event.deltaX;
      return;
    }
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      this.graph.zoom.pan((event.deltaX * unit) / Math.max(1, this.graph.scroller.clientWidth));
      return;
    }
    const speed = event.ctrlKey && event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 3 : 1;
    const notches = Math.max(-3, Math.min(3, (speed * event.deltaY * unit) / UNITS_PER_DOUBLING));
    this.graph.zoom.by(2 ** notches, this.graph.partAt(event.clientX));
  }
}
