import type { FunctionInfo, ProfileBatch } from './frames';
import type { StackRows } from './rows';

/** How much the store holds when a run begins. */
export interface Counts {
  readonly functions: readonly FunctionInfo[];
  readonly frames: number;
  readonly stacks: number;
  readonly labels: number;
  readonly requests: number;
}

/**
 * The ids of one run of a probe in terms of the store's. A restarted probe counts from 1 again; its
 * functions are those that the store knows already, as far as they are the same, so that the call
 * tree stays one.
 */
export class RunIds {
  /** Store id of the run's function id; index 0 unused. */
  private readonly functions = [0];
  private readonly known = new Map<string, number>();
  /** Texts are told apart by number: a key of their characters could be as long as 64 KiB each. */
  private readonly texts = new Map<string, number>();
  private nextFunction: number;

  constructor(private readonly before: Counts) {
    before.functions.forEach((info, index) => this.known.set(this.keyOf(info), index + 1));
    this.nextFunction = before.functions.length + 1;
  }

  /** @throws RangeError where it refers to a function that it has not defined. */
  map(batch: ProfileBatch): ProfileBatch {
    const { frames, stacks } = this.before;
    return {
      ...batch,
      functions: batch.functions.filter((info) => this.define(info)),
      frames: batch.frames.map((frame) => ({
        ...frame,
        function: this.functionOf(frame.function),
      })),
      stackParents: shifted(batch.stackParents, stacks),
      stackFrames: shifted(batch.stackFrames, frames),
      stacks: batch.stacks.map((rows) => this.mapStacks(rows)),
      points: batch.points.map((rows) => ({ ...rows, stacks: shifted(rows.stacks, stacks) })),
    };
  }

  private mapStacks(rows: StackRows): StackRows {
    const { stacks, labels, requests } = this.before;
    return {
      ...rows,
      stacks: shifted(rows.stacks, stacks),
      labels: shifted(rows.labels, labels),
      requests: shifted(rows.requests, requests),
    };
  }

  /** Whether the store has yet to learn of it. */
  private define(info: FunctionInfo): boolean {
    const key = this.keyOf(info);
    const known = this.known.get(key);
    const id = known ?? this.nextFunction++;
    this.known.set(key, id);
    this.functions.push(id);
    return known === undefined;
  }

  private functionOf(id: number): number {
    const found = this.functions[id];
    if (found === undefined || id === 0) throw new RangeError(`frame refers to function ${id}`);
    return found;
  }

  private keyOf({ name, symbol = name, file, line, lastLine, identity = 0 }: FunctionInfo): string {
    return `${line} ${lastLine} ${identity} ${this.textId(symbol)} ${this.textId(file)}`;
  }

  private textId(text: string): number {
    const known = this.texts.get(text) ?? this.texts.size;
    this.texts.set(text, known);
    return known;
  }
}

/** Id 0 means none in every run. */
function shifted(ids: Uint32Array, by: number): Uint32Array {
  return ids.map((id) => (id === 0 ? 0 : id + by));
}
