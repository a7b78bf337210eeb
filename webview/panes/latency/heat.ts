/** The heat map: pointer and keyboard choose a time in it, for all views. */
import { element } from '../../common/dom';
import { readTheme } from '../../common/theme';
import { drawHeat, type HeatDrawing, type Look } from './draw';
import { heatColours } from './heat-colours';
import { HeatScale } from './scale';

const MARGIN = { top: 8, right: 48, bottom: 24, left: 66 };

export type HeatContent = Omit<HeatDrawing, 'scale' | 'cursor'> & {
  readonly heat: HeatScale['heat'];
  /** For those who do not see it. */
  readonly label: string;
};

export interface HeatEvents {
  /** Columns are chosen, both inclusive; null: all. */
  onChoose(columns: readonly [from: number, to: number] | null): void;
  /** The pointer or the keyboard is there; -1: on no row. Undefined: it is gone. */
  onCursor(column: number | undefined, row: number, at: DOMRect): void;
}

export class Heat {
  readonly root = element('div', {
    class: 'heat',
    attributes: { tabindex: '0', role: 'img' },
  });
  private readonly canvas = element('canvas', { attributes: { 'aria-hidden': 'true' } });
  private readonly context = this.canvas.getContext('2d')!;
  private content: HeatContent | undefined;
  private cursor: readonly [column: number, row: number] | undefined;
  /** Where a press began; undefined: none is going on. */
  private pressed: number | undefined;
  private dragged: readonly [number, number] | undefined;
  /** The column from which Shift and arrow keys choose. */
  private anchor = -1;
  private look: Look | undefined;

  constructor(private readonly events: HeatEvents) {
    this.root.append(this.canvas);
    this.root.addEventListener('pointerdown', (event) => this.press(event));
    this.root.addEventListener('pointermove', (event) => this.move(event));
    this.root.addEventListener('pointerup', () => this.release());
    this.root.addEventListener('pointercancel', () => this.stop());
    this.root.addEventListener('pointerleave', () => this.leave());
    this.root.addEventListener('blur', () => this.leave());
    this.root.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.draw()).observe(this.root);
  }

  show(content: HeatContent): void {
    this.content = content;
    this.root.setAttribute('aria-label', content.label);
    this.draw();
  }

  readTheme(): void {
    this.look = undefined;
    this.draw();
  }

  /** From the fewest to the most requests. */
  get colours(): readonly string[] {
    return heatColours(readTheme());
  }

  private get scale(): HeatScale | undefined {
    const { clientWidth, clientHeight } = this.root;
    if (this.content === undefined || clientWidth === 0) return undefined;
    const width = Math.max(1, clientWidth - MARGIN.left - MARGIN.right);
    const height = Math.max(1, clientHeight - MARGIN.top - MARGIN.bottom);
    return new HeatScale(this.content.heat, { left: MARGIN.left, top: MARGIN.top, width, height });
  }

  private draw(): void {
    const { scale, content } = this;
    if (scale === undefined || content === undefined) return;
    const size = [this.root.clientWidth, this.root.clientHeight].map((side) =>
      Math.round(side * devicePixelRatio),
    );
    if (this.canvas.width !== size[0]) this.canvas.width = size[0]!;
    if (this.canvas.height !== size[1]) this.canvas.height = size[1]!;
    this.look ??= readLook(this.root);
    const chosen = this.dragged ?? content.chosen;
    const { cursor } = this;
    drawHeat(this.context, { ...content, scale, chosen, cursor }, this.look);
  }

  private press(event: PointerEvent): void {
    const column = this.columnOf(event);
    if (event.button !== 0 || column < 0) return;
    this.root.setPointerCapture(event.pointerId);
    this.pressed = column;
    this.dragged = [column, column];
    this.draw();
  }

  private move(event: PointerEvent): void {
    const { scale } = this;
    if (scale === undefined) return;
    const { left, top } = this.root.getBoundingClientRect();
    const column = scale.columnAt(event.clientX - left);
    if (this.pressed !== undefined) {
      const to = Math.max(0, column < 0 && event.clientX - left > 99 ? scale.columns - 1 : column);
      this.dragged = ordered(this.pressed, to);
    }
    const row = scale.rowAt(event.clientY - top);
    this.point(column, row, new DOMRect(event.clientX, event.clientY, 0, 0));
  }

  private release(): void {
    const { dragged, content } = this;
    this.stop();
    if (dragged === undefined) return;
    const { chosen } = content ?? {};
    const again = chosen?.[0] === dragged[0] && chosen[1] === dragged[1];
    this.events.onChoose(again ? null : dragged);
  }

  private stop(): void {
    this.pressed = this.dragged = undefined;
    this.draw();
  }

  private leave(): void {
    if (this.pressed !== undefined) return;
    this.cursor = undefined;
    this.events.onCursor(undefined, -1, new DOMRect());
    this.draw();
  }

  private point(column: number, row: number, at: DOMRect): void {
    this.cursor = column < 0 ? undefined : [column, row];
    this.events.onCursor(column < 0 ? undefined : column, row, at);
    this.draw();
  }

  private columnOf({ clientX }: PointerEvent): number {
    return this.scale?.columnAt(clientX - this.root.getBoundingClientRect().left) ?? -1;
  }

  /** Arrow keys go from column to column, with Shift they choose; Enter chooses, Escape all. */
  private onKey(event: KeyboardEvent): void {
    const { scale } = this;
    if (scale === undefined || scale.columns === 0) return;
    const last = scale.columns - 1;
    const now = this.cursor?.[0] ?? scale.columns;
    const steps: Record<string, number> = {
      ArrowLeft: now - 1,
      ArrowRight: now + 1,
      Home: 0,
      End: last,
    };
    const wanted = steps[event.key];
    if (wanted !== undefined) {
      const to = Math.min(last, Math.max(0, wanted));
      if (!event.shiftKey) this.anchor = to;
      else if (this.anchor < 0) this.anchor = Math.min(last, now);
      const { left, top } = this.root.getBoundingClientRect();
      this.point(to, -1, new DOMRect(left + scale.x(to + 1), top + scale.box.top, 0, 0));
      if (event.shiftKey) this.events.onChoose(ordered(this.anchor, to));
    } else if (event.key === 'Enter' && this.cursor !== undefined) {
      this.events.onChoose([this.cursor[0], this.cursor[0]]);
    } else if (event.key === 'Escape' && this.content?.chosen !== undefined) {
      this.events.onChoose(null);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function ordered(one: number, other: number): readonly [number, number] {
  return [Math.min(one, other), Math.max(one, other)];
}

function readLook(root: HTMLElement): Look {
  const style = getComputedStyle(root);
  const theme = readTheme();
  const variable = (name: string): string => style.getPropertyValue(name).trim();
  const forced = theme.kind === 'forced';
  return {
    theme: forced ? { ...theme, background: 'Canvas', foreground: 'CanvasText' } : theme,
    colours: heatColours(theme),
    muted: forced ? 'CanvasText' : style.color,
    grid: forced ? 'CanvasText' : style.borderTopColor,
    focus: forced ? 'Highlight' : variable('--focus'),
  };
}
