import { bytes, Column, words } from './column';

/** Function ids up to here, so that (function, line) fits the 53 bits of an exact number. */
export const maxFunctionId = 2 ** 21 - 1;
/** Frame kinds are bits of a 32-bit mask. */
export const kindLimit = 32;

/**
 * The dictionaries of the engine. Frames and stacks have 1-based ids in order of arrival; entry 0
 * of each column is a placeholder for "none". A location is a (function, line) pair, also 1-based.
 */
export class StackTrie {
  readonly frameFunctions = new Column(words);
  readonly frameKinds = new Column(bytes);
  readonly frameLines = new Column(words);
  readonly frameFlags = new Column(bytes);
  readonly frameLocations = new Column(words);
  readonly stackParents = new Column(words);
  readonly stackFrames = new Column(words);
  highestFunction = 0;
  private readonly locations = new Map<number, number>();

  constructor() {
    for (const column of [this.frameFunctions, this.frameKinds, this.frameLines]) column.push(0);
    for (const column of [this.frameFlags, this.frameLocations]) column.push(0);
    for (const column of [this.stackParents, this.stackFrames]) column.push(0);
  }

  /** Highest frame id. */
  get frames(): number {
    return this.frameFunctions.length - 1;
  }

  /** Highest stack id. */
  get stacks(): number {
    return this.stackFrames.length - 1;
  }

  get locationCount(): number {
    return this.locations.size;
  }

  /** Orders by function, then line; exact, since both fit 53 bits. */
  static locationKey(fn: number, line: number): number {
    return fn * 2 ** 32 + line;
  }

  locationOf(key: number): number {
    return this.locations.get(key) ?? 0;
  }

  /** @throws RangeError without having added any of them. */
  addFrames(functions: Uint32Array, kinds: Uint8Array, lines: Uint32Array, flags: Uint8Array) {
    const n = functions.length;
    if (kinds.length !== n || lines.length !== n || flags.length !== n)
      throw new RangeError('frame arrays differ in length');
    for (let i = 0; i < n; i++) {
      if (functions[i]! < 1 || functions[i]! > maxFunctionId)
        throw new RangeError(`function id ${functions[i]} is not in 1 to ${maxFunctionId}`);
      if (kinds[i]! >= kindLimit) throw new RangeError(`frame kind ${kinds[i]} is not below 32`);
    }
    this.frameFunctions.append(functions);
    this.frameKinds.append(kinds);
    this.frameLines.append(lines);
    this.frameFlags.append(flags);
    for (let i = 0; i < n; i++) {
      const key = StackTrie.locationKey(functions[i]!, lines[i]!);
      let location = this.locations.get(key);
      if (location === undefined) {
        location = this.locations.size + 1;
        this.locations.set(key, location);
      }
      this.frameLocations.push(location);
      this.highestFunction = Math.max(this.highestFunction, functions[i]!);
    }
  }

  /** @throws RangeError without having added any of them. */
  addStacks(parents: Uint32Array, frames: Uint32Array): void {
    if (parents.length !== frames.length) throw new RangeError('stack arrays differ in length');
    let id = this.stacks;
    for (let i = 0; i < parents.length; i++) {
      id++;
      if (parents[i]! >= id)
        throw new RangeError(`parent ${parents[i]} of stack ${id} is no older`);
      if (frames[i]! < 1 || frames[i]! > this.frames)
        throw new RangeError(`stack ${id} refers to frame ${frames[i]} of ${this.frames}`);
    }
    this.stackParents.append(parents);
    this.stackFrames.append(frames);
  }
}
