/** A recording of many stacks, as a probe would have written it. */
import * as probe from '../../../extension/probe';
import { hello, listing, randomOf, start, started } from '../../unit/probe/recording/dialogue';
import { encode } from '../../unit/probe/scripted-probe';
import { cpuRows, declared } from '../../unit/probe/wire-rows';

export interface Shape {
  readonly stacks: number;
  readonly batches: number;
  readonly functions: number;
  /** Every so many stacks one has samples: a leaf. */
  readonly leafEvery: number;
  readonly requests: number;
}

const PHASES = ['access', 'log', 'header_filter', 'timer'];

/** Stacks of 20 frames and fewer, below each other as those of a busy gateway are. */
export function recordingOf(shape: Shape): Uint8Array {
  const recorder = probe.newRecorder();
  for (const message of [hello(), listing(), started(1_700_000_000_000)]) recorder.heard(message);
  recorder.said(start());
  const batches = new Batches(shape);
  for (let i = 1; i <= shape.batches; i++) {
    recorder.heard(encode({ case: 'batch', value: batches.next(i) }));
  }
  return recorder.write({ host: 'bench', target: 'bench' }, '');
}

class Batches {
  private readonly random = randomOf(7);
  private strings = 0;
  private functions = 0;
  private stacks = 0;
  private requests = 0;

  constructor(private readonly shape: Shape) {}

  next(sequence: number) {
    const { batches } = this.shape;
    const strings: string[] = [];
    const text = (given: string): number => {
      strings.push(given);
      return ++this.strings;
    };
    const labels = sequence === 1 ? PHASES.map((phase) => ({ phase: text(phase) })) : [];
    const part = (all: number): number[] => Array.from({ length: Math.ceil(all / batches) });
    const frames: { function: number; kind: number; line: number }[] = [];
    const functions = part(this.shape.functions).map(() => {
      const at = this.functions++;
      const line = 1 + this.random(2000);
      frames.push({ function: at + 1, kind: 3, line });
      const file = FILES[at % FILES.length]!.replace('#', String(at % 500));
      return { name: text(`function_${at}`), file: text(file), line, lastLine: line + 20 };
    });
    const requests = part(this.shape.requests).map(() => ({
      method: text('GET'),
      uri: text(`/orders/of/${this.requests++}x`),
    }));
    const rows = this.grow(part(this.shape.stacks).length);
    return {
      sequence,
      timeUs: BigInt(sequence * 250_000),
      intervalUs: 250_000,
      strings,
      functions,
      frames,
      labels,
      requests,
      ...rows.added,
      series: sequence === 1 ? declared.slice(0, 1) : [],
      stacks: [
        cpuRows({
          stacks: rows.leaves,
          pids: rows.leaves.map(() => 101),
          counts: rows.leaves.map(() => 1 + this.random(9)),
          labels: rows.leaves.map(() => this.random(PHASES.length + 1)),
          requests: rows.leaves.map(() => this.random(this.requests + 1)),
        }),
      ],
    };
  }

  private grow(count: number) {
    const added = { stackParents: [] as number[], stackFrames: [] as number[] };
    const leaves: number[] = [];
    for (let k = 0; k < count; k++) {
      added.stackParents.push(this.stacks === 0 || k % 20 === 0 ? 0 : this.stacks);
      added.stackFrames.push(1 + this.random(this.functions));
      this.stacks++;
      if ((k + 1) % this.shape.leafEvery === 0) leaves.push(this.stacks);
    }
    return { added, leaves };
  }
}

/** Of plugins, the gateway's parts, libraries and applications. */
const FILES = [
  '@/usr/share/lua/5.1/kong/plugins/plugin-#/handler.lua',
  '@/usr/share/lua/5.1/app/module_#.lua',
  '@/usr/share/lua/5.1/kong/router/part_#.lua',
  '@/usr/share/lua/5.1/resty/library_#.lua',
];
