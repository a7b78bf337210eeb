/** As much of it as the benchmark uses; the package brings no types. */
declare module 'd3-flame-graph' {
  import type { Selection } from 'd3';

  interface FlameGraph {
    <Datum>(selection: Selection<HTMLElement, Datum, null, undefined>): void;
    width(pixels: number): this;
    minFrameSize(pixels: number): this;
    transitionDuration(milliseconds: number): this;
    update(data: unknown): void;
  }

  export default function flamegraph(): FlameGraph;
}
