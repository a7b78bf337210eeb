/** When the steps of an attach were done, so that "live within two seconds" can be read off. */

export type Step =
  | 'connecting'
  | 'connected'
  | 'probe-ready'
  | 'listed'
  | 'chosen'
  | 'started'
  | 'first-batch'
  | 'first-paint';

export interface TimingSummary {
  /** Milliseconds; absent: that step was not reached. */
  readonly connectMs?: number;
  readonly probeMs?: number;
  readonly listMs?: number;
  /** Choice of the process to the probe's answer that it samples. */
  readonly attachMs?: number;
  readonly firstBatchMs?: number;
  /** Choice of the process to the first painted flame graph. */
  readonly firstPaintMs?: number;
}

export class Timings {
  readonly #marks = new Map<Step, number>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** The first time counts: a page that is shown again does not paint for the first time. */
  mark(step: Step): boolean {
    if (this.#marks.has(step)) return false;
    this.#marks.set(step, this.now());
    return true;
  }

  summary(): TimingSummary {
    return {
      ...this.#span('connectMs', 'connecting', 'connected'),
      ...this.#span('probeMs', 'connected', 'probe-ready'),
      ...this.#span('listMs', 'probe-ready', 'listed'),
      ...this.#span('attachMs', 'chosen', 'started'),
      ...this.#span('firstBatchMs', 'chosen', 'first-batch'),
      ...this.#span('firstPaintMs', 'chosen', 'first-paint'),
    };
  }

  #span(name: keyof TimingSummary, from: Step, to: Step): Partial<TimingSummary> {
    const start = this.#marks.get(from);
    const end = this.#marks.get(to);
    return start === undefined || end === undefined ? {} : { [name]: Math.round(end - start) };
  }
}

/** "connect 210 ms, probe 95 ms, attach 180 ms, first paint 640 ms" */
export function formatTimings(summary: TimingSummary): string {
  const named: [string, number | undefined][] = [
    ['connect', summary.connectMs],
    ['probe', summary.probeMs],
    ['list', summary.listMs],
    ['attach', summary.attachMs],
    ['first batch', summary.firstBatchMs],
    ['first paint', summary.firstPaintMs],
  ];
  return named
    .filter(([, value]) => value !== undefined)
    .map(([label, value]) => `${label} ${value} ms`)
    .join(', ');
}
