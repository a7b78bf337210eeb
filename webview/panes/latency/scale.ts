/** Where times and latencies stand in the heat map. */
import type { LatencyHeat } from '../../../extension/page/messages';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Latencies at which there may be a line, in microseconds. */
const TICKS = Array.from({ length: 9 }, (_, power) => 10 ** (power + 1));

/** Seconds between times that are written below. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400];

export class HeatScale {
  constructor(
    readonly heat: LatencyHeat,
    readonly box: Box,
  ) {}

  get rows(): number {
    return Math.max(1, this.heat.edgesUs.length - 1);
  }

  get columns(): number {
    return this.heat.timesUs.length;
  }

  get columnWidth(): number {
    return this.box.width / Math.max(1, this.columns);
  }

  get rowHeight(): number {
    return this.box.height / this.rows;
  }

  x(column: number): number {
    return this.box.left + column * this.columnWidth;
  }

  xOf(us: number): number {
    return this.x((us - this.heat.timesUs[0]!) / this.heat.columnUs);
  }

  /**
   * Whole seconds, minutes or hours.
   * @param startUs of the capture's time, so that they are whole on a clock.
   */
  timeTicks(startUs: number, most: number): number[] {
    const first = this.heat.timesUs[0] ?? 0;
    const end = first + this.columns * this.heat.columnUs;
    const seconds = (end - first) / 1e6 / most;
    const step = (TIME_STEPS.find((each) => each >= seconds) ?? TIME_STEPS.at(-1)!) * 1e6;
    const ticks: number[] = [];
    const offset = (startUs + first) % step;
    for (let us = first + (offset > 0 ? step - offset : 0); us < end; us += step) ticks.push(us);
    return ticks;
  }

  /** Rows are of one height: within each, latencies lie evenly. */
  y(us: number): number {
    const { edgesUs } = this.heat;
    const { top, height } = this.box;
    const last = this.rows - 1;
    const row = Math.min(
      last,
      Math.max(
        0,
        edgesUs.findLastIndex((edge) => edge <= us),
      ),
    );
    const [low = 0, high = 1] = [edgesUs[row], edgesUs[row + 1]];
    const part = Math.min(1, Math.max(0, (us - low) / (high - low)));
    return top + height - (row + part) * this.rowHeight;
  }

  /** -1: none. */
  columnAt(x: number): number {
    const column = Math.floor((x - this.box.left) / this.columnWidth);
    return column >= 0 && column < this.columns ? column : -1;
  }

  rowAt(y: number): number {
    const row = Math.floor((this.box.top + this.box.height - y) / this.rowHeight);
    return row >= 0 && row < this.rows ? row : -1;
  }

  /** Latencies to be written at the side, far enough apart. */
  ticks(): number[] {
    const { edgesUs } = this.heat;
    const within = TICKS.filter((us) => us > edgesUs[0]! && us < edgesUs.at(-1)!);
    return within.length > 0 ? within : edgesUs.slice(0, 1);
  }

  startOf(column: number): number {
    return this.heat.timesUs[column]!;
  }

  endOf(column: number): number {
    return this.startOf(column) + this.heat.columnUs;
  }
}
