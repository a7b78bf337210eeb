/** Draws a heat map of latencies with its axes and the lines of percentiles. */
import { timeOf } from '../../common/clock';
import type { Gap } from '../../common/gaps';
import type { Theme } from '../../common/theme-kind';
import { colourOf } from './heat-colours';
import type { HeatScale } from './scale';
import { latency } from './words';

export interface Line {
  readonly label: string;
  readonly values: readonly (number | null)[];
  readonly dash: readonly number[];
}

export interface HeatDrawing {
  readonly scale: HeatScale;
  readonly startUnixMs: number;
  readonly lines: readonly Line[];
  /** Nobody sampled, or watched requests, then; microseconds of the capture. */
  readonly gaps: readonly Gap[];
  readonly unwatched: readonly Gap[];
  /** Columns that are chosen, both inclusive; undefined: all. */
  readonly chosen: readonly [from: number, to: number] | undefined;
  readonly cursor: readonly [column: number, row: number] | undefined;
}

export interface Look {
  readonly theme: Theme;
  readonly colours: readonly string[];
  readonly muted: string;
  readonly grid: string;
  readonly focus: string;
}

const TICK_ROOM = 110;
const LABEL_HEIGHT = 13;
/** Between the lines that hatch a gap, and its width from which on it has room for words. */
const HATCH = 8;
const WORDS_FROM = 70;
/** Words in a gap. */
export const NOT_TRACED = 'not traced';
export const NOT_WATCHED = 'not watched';

export function drawHeat(to: CanvasRenderingContext2D, drawing: HeatDrawing, look: Look): void {
  const { width, height } = to.canvas;
  to.setTransform(1, 0, 0, 1, 0, 0);
  to.clearRect(0, 0, width, height);
  to.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  to.font = `11px ${look.theme.fontFamily}`;
  drawAxes(to, drawing, look);
  drawGaps(to, drawing.scale, drawing.unwatched, NOT_WATCHED, look);
  drawGaps(to, drawing.scale, drawing.gaps, NOT_TRACED, look);
  drawCells(to, drawing.scale, look);
  drawChosen(to, drawing, look);
  drawLines(to, drawing, look);
  drawCursor(to, drawing, look);
}

function drawAxes(to: CanvasRenderingContext2D, { scale, startUnixMs }: HeatDrawing, look: Look) {
  const { left, top, width, height } = scale.box;
  to.fillStyle = look.muted;
  to.strokeStyle = look.grid;
  to.lineWidth = 1;
  to.textAlign = 'right';
  to.textBaseline = 'middle';
  for (const us of scale.ticks()) {
    const y = Math.round(scale.y(us)) + 0.5;
    to.fillText(latency(us).replace('.0 ', ' ').replace('.00 ', ' '), left - 8, y);
    line(to, left, y, left + width, y);
  }
  line(to, left, top + height + 0.5, left + width, top + height + 0.5);
  to.textAlign = 'center';
  to.textBaseline = 'top';
  for (const us of scale.timeTicks(startUnixMs * 1000, Math.max(1, width / TICK_ROOM))) {
    const x = scale.xOf(us);
    if (x < left + 24 || x > left + width - 24) continue;
    line(to, Math.round(x) + 0.5, top + height, Math.round(x) + 0.5, top + height + 4);
    to.fillText(timeOf(startUnixMs, us), x, top + height + 6);
  }
}

/** Nothing is known of these times, which is something else than that there were no requests. */
function drawGaps(
  to: CanvasRenderingContext2D,
  scale: HeatScale,
  gaps: readonly Gap[],
  words: string,
  look: Look,
): void {
  const { left, top, width, height } = scale.box;
  for (const [fromUs, toUs] of scale.columns === 0 ? [] : gaps) {
    const from = Math.max(left, scale.xOf(fromUs));
    const end = Math.min(left + width, scale.xOf(toUs));
    if (end <= from) continue;
    to.save();
    to.beginPath();
    to.rect(from, top, Math.max(2, end - from), height);
    to.clip();
    to.fillStyle = look.theme.background;
    to.fillRect(from, top, end - from, height);
    to.strokeStyle = look.muted;
    to.globalAlpha = 0.45;
    to.lineWidth = 1;
    for (let x = from - height; x < end; x += HATCH) line(to, x, top + height, x + height, top);
    to.restore();
    if (end - from < WORDS_FROM) continue;
    to.textAlign = 'center';
    to.textBaseline = 'top';
    const room = to.measureText(words).width;
    const middle = (from + end) / 2;
    to.fillStyle = look.theme.background;
    to.fillRect(middle - room / 2 - 4, top + 3, room + 8, LABEL_HEIGHT + 3);
    to.fillStyle = look.muted;
    to.fillText(words, middle, top + 5);
  }
}

function drawCells(to: CanvasRenderingContext2D, scale: HeatScale, look: Look): void {
  const { counts } = scale.heat;
  const most = counts.reduce((high, column) => Math.max(high, ...column), 0);
  const gap = scale.columnWidth > 4 ? 1 : 0;
  const isForced = look.theme.kind === 'forced';
  counts.forEach((column, at) => {
    const x = scale.x(at);
    column.forEach((count, row) => {
      if (count === 0) return;
      to.fillStyle = colourOf(look.colours, count, most);
      if (isForced) to.globalAlpha = 0.25 + 0.75 * (count / most);
      const y = scale.box.top + scale.box.height - (row + 1) * scale.rowHeight;
      const height = scale.rowHeight - (scale.rowHeight > 4 ? 1 : 0);
      to.fillRect(x, y, Math.max(1, scale.columnWidth - gap), Math.max(1, height));
      to.globalAlpha = 1;
    });
  });
}

/** Cells that are not chosen step back. */
function drawChosen(to: CanvasRenderingContext2D, { scale, chosen }: HeatDrawing, look: Look) {
  if (chosen === undefined) return;
  const { left, top, width, height } = scale.box;
  const from = scale.x(chosen[0]);
  const end = scale.x(chosen[1] + 1);
  to.fillStyle = look.theme.background;
  to.globalAlpha = 0.66;
  to.fillRect(left, top, from - left, height);
  to.fillRect(end, top, left + width - end, height);
  to.globalAlpha = 1;
  to.strokeStyle = look.focus;
  to.lineWidth = 2;
  to.strokeRect(from, top, end - from, height);
}

function drawLines(to: CanvasRenderingContext2D, { scale, lines }: HeatDrawing, look: Look): void {
  const right = scale.box.left + scale.box.width;
  const labels: { y: number; text: string }[] = [];
  for (const { label, values, dash } of lines) {
    // Over pale cells as over dark ones: the line has a border of the background's colour.
    for (const [width, colour] of [
      [4, look.theme.background],
      [1.7, look.theme.foreground],
    ] as const) {
      to.lineWidth = width;
      to.strokeStyle = colour;
      to.setLineDash(width === 4 ? [] : [...dash]);
      to.stroke(pathOf(scale, values));
    }
    to.setLineDash([]);
    const last = values.findLast((value) => value !== null);
    if (last !== undefined && last !== null) labels.push({ y: scale.y(last), text: label });
  }
  to.fillStyle = look.theme.foreground;
  to.textAlign = 'left';
  to.textBaseline = 'middle';
  let free = -Infinity;
  for (const { y, text } of labels.sort((one, other) => one.y - other.y)) {
    const at = Math.max(y, free);
    to.fillText(text, right + 5, at);
    free = at + LABEL_HEIGHT;
  }
}

/** A step for each column; nothing where there were no requests. */
function pathOf(scale: HeatScale, values: readonly (number | null)[]): Path2D {
  const path = new Path2D();
  let on = false;
  values.forEach((value, column) => {
    if (value === null) {
      on = false;
      return;
    }
    const y = scale.y(value);
    if (on) path.lineTo(scale.x(column), y);
    else path.moveTo(scale.x(column), y);
    path.lineTo(scale.x(column + 1), y);
    on = true;
  });
  return path;
}

function drawCursor(to: CanvasRenderingContext2D, { scale, cursor }: HeatDrawing, look: Look) {
  if (cursor === undefined) return;
  const [column, row] = cursor;
  const { top, height } = scale.box;
  to.strokeStyle = look.theme.foreground;
  to.lineWidth = 1;
  to.strokeRect(scale.x(column) - 0.5, top, scale.columnWidth, height);
  if (row < 0) return;
  to.lineWidth = 2;
  const y = top + height - (row + 1) * scale.rowHeight;
  to.strokeRect(scale.x(column) - 1, y - 1, scale.columnWidth + 1, scale.rowHeight + 1);
}

function line(to: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  to.beginPath();
  to.moveTo(x1, y1);
  to.lineTo(x2, y2);
  to.stroke();
}
