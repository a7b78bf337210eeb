import { Column, doubles, words } from './column';
import type { Query, Weights } from './engine';

/** Sums over the rows of a query, by stack id; entry 0: samples without a frame. */
export interface StackSums {
  readonly self: Float64Array;
  readonly counts: Float64Array;
  /** 1: some sample has this stack as its leaf. */
  readonly seen: Uint8Array;
  readonly weight: number;
  readonly samples: number;
}

/** Columns of one length; absent ones are all 0. */
export interface Rows {
  readonly stacks: Uint32Array;
  readonly pids: Uint32Array;
  readonly counts: Uint32Array;
  readonly labels: Uint32Array | undefined;
  readonly requests: Uint32Array | undefined;
}

/** One row of a query that has samples, or weight. */
type Visit = (stack: number, label: number, request: number, count: number, weight: number) => void;

/** The append-only log of one series: intervals in order of time, each with its rows. */
export class SampleLog {
  private readonly times = new Column(doubles);
  /** The weight of a count of each interval; empty where rows have weights of their own. */
  private readonly periods = new Column(doubles);
  /** First row of each interval. */
  private readonly starts = new Column(words);
  private readonly stacks = new Column(words);
  private readonly workers = new Column(words);
  private readonly counts = new Column(words);
  private readonly labels = new Column(words);
  private readonly requests = new Column(words);
  /** By row; empty where they follow from the periods. A log has the one or the other. */
  private readonly weights = new Column(doubles);
  /**
   * Workers are numbered by first appearance, so that a query's choice of them is a table look-up.
   */
  private readonly workerOf = new Map<number, number>();
  private lastTimeUs = -Infinity;

  /**
   * @param weights of one count of these rows, or of each row.
   * @throws RangeError without having added any of it.
   */
  append(timeUs: number, rows: Rows, weights: Weights, highestStack: number): void {
    checkRows(rows, weights, highestStack);
    if (!Number.isFinite(timeUs) || timeUs < this.lastTimeUs)
      throw new RangeError(`time ${timeUs} is before ${this.lastTimeUs}`);
    const { stacks, pids, counts } = rows;
    const other = typeof weights === 'number' ? this.weights : this.periods;
    if (stacks.length > 0 && other.length > 0)
      throw new RangeError('a series has weights of its rows, or of their counts');
    this.lastTimeUs = timeUs;
    if (stacks.length === 0) return;
    const none = rows.labels && rows.requests ? undefined : new Uint32Array(stacks.length);
    const labels = rows.labels ?? none!;
    const requests = rows.requests ?? none!;
    this.times.push(timeUs);
    if (typeof weights === 'number') this.periods.push(weights);
    else this.weights.append(weights);
    this.starts.push(this.stacks.length);
    this.stacks.append(stacks);
    this.counts.append(counts);
    this.labels.append(labels);
    this.requests.append(requests);
    for (let i = 0; i < stacks.length; i++) {
      this.workers.push(this.numberOf(pids[i]!));
    }
  }

  /** @throws RangeError where a time of the query is not a number. */
  sum(query: Query, highestStack: number): StackSums {
    const self = new Float64Array(highestStack + 1);
    const counts = new Float64Array(highestStack + 1);
    const seen = new Uint8Array(highestStack + 1);
    let weight = 0;
    let samples = 0;
    this.each(query, (stack, _label, _request, count, rowWeight) => {
      self[stack]! += rowWeight;
      counts[stack]! += count;
      seen[stack] = 1;
      weight += rowWeight;
      samples += count;
    });
    return { self, counts, seen, weight, samples };
  }

  /**
   * In order of arrival.
   * @throws RangeError where a time of the query is not a number.
   */
  each(query: Query, visit: Visit): void {
    if (Number.isNaN(query.fromUs) || Number.isNaN(query.toUs))
      throw new RangeError('the window of a query has no number');
    const chosen = this.chosenWorkers(query.pids);
    const { labels, requests, stacks } = query;
    const weighed = this.weights.length > 0;
    const last = this.firstAt(query.toUs);
    for (let interval = this.firstAt(query.fromUs); interval < last; interval++) {
      const period = weighed ? 0 : this.periods.data[interval]!;
      const end =
        interval + 1 < this.starts.length ? this.starts.data[interval + 1]! : this.stacks.length;
      for (let row = this.starts.data[interval]!; row < end; row++) {
        const count = this.counts.data[row]!;
        const weight = weighed ? this.weights.data[row]! : count * period;
        if (count === 0 && weight === 0) continue;
        if (chosen && chosen[this.workers.data[row]!] === 0) continue;
        const label = this.labels.data[row]!;
        const request = this.requests.data[row]!;
        if ((labels && !labels[label]) || (requests && !requests[request])) continue;
        const stack = this.stacks.data[row]!;
        if (stacks && !stacks[stack]) continue;
        visit(stack, label, request, count, weight);
      }
    }
  }

  clear(): void {
    for (const column of [this.times, this.periods, this.weights]) column.clear();
    for (const column of [this.starts, this.stacks, this.workers, this.counts]) column.clear();
    for (const column of [this.labels, this.requests]) column.clear();
  }

  private numberOf(pid: number): number {
    let number = this.workerOf.get(pid);
    if (number === undefined) {
      number = this.workerOf.size;
      this.workerOf.set(pid, number);
    }
    return number;
  }

  private chosenWorkers(pids: Uint32Array | undefined): Uint8Array | undefined {
    if (!pids || pids.length === 0) return undefined;
    const chosen = new Uint8Array(this.workerOf.size);
    for (const pid of pids) {
      const number = this.workerOf.get(pid);
      if (number !== undefined) chosen[number] = 1;
    }
    return chosen;
  }

  /** First interval whose time is `timeUs` or later. */
  private firstAt(timeUs: number): number {
    let low = 0;
    let high = this.times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.times.data[middle]! < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Throws RangeError where rows do not fit together, or refer to a stack that is not there. */
export function checkRows(rows: Rows, weights: Weights, highestStack: number): void {
  const { stacks, pids, counts, labels = stacks, requests = stacks } = rows;
  if ([pids, counts, labels, requests].some((column) => column.length !== stacks.length))
    throw new RangeError('row arrays differ in length');
  checkWeights(weights, stacks.length);
  for (const stack of stacks)
    if (stack > highestStack) throw new RangeError(`row refers to stack ${stack}`);
}

function checkWeights(weights: number | Float64Array, rows: number): void {
  if (typeof weights === 'number') {
    if (!Number.isInteger(weights) || weights < 0 || weights >= 2 ** 32)
      throw new RangeError(`weight ${weights} is not a 32-bit number`);
    return;
  }
  if (weights.length !== rows) throw new RangeError('row arrays differ in length');
  for (const weight of weights)
    if (!Number.isSafeInteger(weight) || weight < 0)
      throw new RangeError(`weight ${weight} is not a whole number`);
}
