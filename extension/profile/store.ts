import { Column, words } from './column';
import type {
  CallTree,
  FunctionTable,
  GroupTable,
  ProfileEngine,
  Query,
  StackTable,
} from './engine';
import {
  type AllocationRows,
  type Frame,
  FrameKind,
  type FunctionInfo,
  type LoadedModules,
  type ProfileBatch,
  type RequestInfo,
  type SampleLabels,
} from './frames';
import type { ProfileSnapshot } from './formats/snapshot';
import { NameRanks } from './name-ranks';
import { heldGroups, heldStacks, type Part } from './part';
import { RunIds } from './run-ids';
import { defaultMeasure } from './series';
import { Tallies } from './tallies';

export type Listener = () => void;

const allKinds = Object.values(FrameKind).filter((kind) => typeof kind === 'number');

/** All samples since the capture began, or since the last reset. */
export const sinceStart: Query = { fromUs: -Infinity, toUs: Infinity };

/** What views and exports ask of a profile, or of a part of one. */
export interface ProfileView {
  callTree(query?: Query): Promise<CallTree>;
  functionTable(query?: Query): Promise<FunctionTable>;
  snapshot(query?: Query): Promise<ProfileSnapshot>;
}

/**
 * The profile of one session: its dictionaries, its samples in an engine, and what they add up to.
 * It knows nothing of where batches come from, and stays usable when they end.
 */
export class ProfileStore implements ProfileView {
  readonly functions: FunctionInfo[] = [];
  readonly frames: Frame[] = [];
  /** Id k is at index k - 1, as in all of these. */
  readonly labels: SampleLabels[] = [];
  readonly requests: RequestInfo[] = [];
  readonly tallies = new Tallies();
  /** By function id: bit k is set where a frame of kind k is of that function. */
  private readonly kinds = new Column(words);
  private readonly stackParents = new Column(words);
  private readonly stackFrames = new Column(words);
  private readonly ranks = new NameRanks();
  private readonly modulesOf = new Map<string, LoadedModules>();
  private readonly listeners = new Set<Listener>();
  private firstStartMs: number | undefined;
  private offsetUs = 0;
  private latestUs = 0;
  private shortestPeriodUs = Infinity;
  /** From the second run on. */
  private run: RunIds | undefined;

  constructor(private readonly engine: ProfileEngine) {}

  /** End of the last interval taken in, microseconds since the capture began. */
  get timeUs(): number {
    return this.latestUs;
  }

  /** Wall clock at time 0, Unix milliseconds; undefined before the first run. */
  get startUnixMs(): number | undefined {
    return this.firstStartMs;
  }

  /**
   * A probe has started to sample: the times of the batches that follow count from `startUnixMs`,
   * and their ids from 1. The store's time goes on over what lies between two runs, so that windows
   * stay true.
   */
  beginRun(startUnixMs: number): void {
    if (this.firstStartMs === undefined) {
      this.firstStartMs = startUnixMs;
      return;
    }
    this.offsetUs = Math.max(this.latestUs, (startUnixMs - this.firstStartMs) * 1000);
    this.run = new RunIds({
      functions: this.functions,
      frames: this.frames.length,
      stacks: this.stackFrames.length,
      labels: this.labels.length,
      requests: this.requests.length,
    });
  }

  /** Modules of each Lua VM that was seen, as last heard; those of workers that left stay. */
  get modules(): LoadedModules[] {
    return [...this.modulesOf.values()];
  }

  /**
   * Takes in one batch.
   * @throws RangeError where it refers to what is not there or goes back in time. None of its
   *   samples is counted then, what was there before stays, and no further batch of that session
   *   can be trusted.
   */
  add(received: ProfileBatch): void {
    const batch = this.run ? this.run.map(received) : received;
    const timeUs = batch.timeUs + this.offsetUs;
    if (!(timeUs >= this.latestUs)) throw new RangeError(`batch time ${batch.timeUs} goes back`);
    this.addDictionaries(batch);
    const { rowStacks, rowPids, rowCounts, rowLabels, rowRequests, periodUs } = batch;
    this.checkRows(rowStacks, rowLabels, rowRequests);
    const { allocations } = batch;
    // All of a batch is checked before any of it is kept.
    if (allocations) {
      this.checkRows(allocations.stacks, allocations.labels, allocations.requests);
    }
    const requests = rowRequests.length === 0 ? undefined : rowRequests;
    this.engine.append(timeUs, rowStacks, rowPids, rowCounts, periodUs, rowLabels, requests);
    this.addAllocations(timeUs, allocations);
    for (let row = 0; row < rowStacks.length; row++)
      this.tallies.add(rowPids[row]!, this.labels[rowLabels[row]! - 1], rowCounts[row]!, periodUs);
    this.latestUs = timeUs;
    if (periodUs > 0) this.shortestPeriodUs = Math.min(this.shortestPeriodUs, periodUs);
    this.changed();
  }

  /** Siblings stand in alphabetical order. */
  callTree(query: Query = sinceStart): Promise<CallTree> {
    return this.engine.callTree(query, this.nameRanks());
  }

  /** Place of each function in alphabetical order, by id; index 0 is unused. */
  nameRanks(): Uint32Array {
    return this.ranks.of(this.functions);
  }

  stackTable(query: Query = sinceStart): Promise<StackTable> {
    return this.engine.stackTable(query);
  }

  functionTable(query: Query = sinceStart): Promise<FunctionTable> {
    return this.engine.functionTable(query);
  }

  /**
   * Samples by stack, by groups of label sets and by groups of requests: what the tables by owner,
   * phase and URI are made of. The functions give each label set and request its group, a number of
   * the caller's; a sample without the one or the other is in the group of undefined.
   */
  groupTable(
    query: Query,
    labelGroup: (labels: SampleLabels | undefined) => number = () => 0,
    requestGroup: (request: RequestInfo | undefined) => number = () => 0,
  ): Promise<GroupTable> {
    return this.engine.groupTable(
      query,
      Uint32Array.from([undefined, ...this.labels], labelGroup),
      Uint32Array.from([undefined, ...this.requests], requestGroup),
    );
  }

  /** For {@link Query.labels}: the label sets for which `wanted` holds. */
  labelMask(wanted: (labels: SampleLabels | undefined) => boolean): Uint8Array {
    return Uint8Array.from([undefined, ...this.labels], (labels) => Number(wanted(labels)));
  }

  /** For {@link Query.requests}. */
  requestMask(wanted: (request: RequestInfo | undefined) => boolean): Uint8Array {
    return Uint8Array.from([undefined, ...this.requests], (request) => Number(wanted(request)));
  }

  /** The window of the last so many seconds that were captured. */
  lastSeconds(seconds: number): Query {
    // An interval's time is its end, so the one that ends where the window opens is outside of it.
    return { fromUs: this.latestUs - seconds * 1e6 + 1, toUs: Infinity };
  }

  /**
   * Stacks with their samples and all that names them, for an export.
   * @param part what is wanted of it; absent: all.
   */
  async snapshot(wanted: Query = sinceStart, part?: Part): Promise<ProfileSnapshot> {
    const phases = ['', ...new Set(this.labels.map(({ phase }) => phase))];
    const query = part?.narrow(wanted) ?? wanted;
    const [allSamples, allLabelled] = await Promise.all([
      this.engine.stackTable(query),
      this.engine.groupTable(
        query,
        Uint32Array.from([undefined, ...this.labels], (set) => phases.indexOf(set?.phase ?? '')),
        Uint32Array.from({ length: this.requests.length + 1 }, (_, id) => id),
      ),
    ]);
    const holds = part?.holds();
    const samples = holds ? heldStacks(allSamples, holds) : allSamples;
    const labelled = holds ? heldGroups(allLabelled, holds) : allLabelled;
    const fromUs = Math.max(query.fromUs, 0);
    return {
      functions: this.functions,
      frames: this.frames,
      stackParents: this.stackParents.data,
      stackFrames: this.stackFrames.data,
      samples,
      labelled,
      phases,
      requests: this.requests,
      measure: query.measure ?? defaultMeasure,
      startUnixMs: (this.firstStartMs ?? 0) + fromUs / 1000,
      durationUs: Math.max(0, Math.min(query.toUs, this.latestUs) - fromUs),
      periodUs: Number.isFinite(this.shortestPeriodUs) ? this.shortestPeriodUs : 0,
    };
  }

  /**
   * The stacks so far: stack k is (parent, frame) at index k - 1. The arrays may be longer than there
   * are stacks, are not to be written to, and are valid until the next batch.
   */
  get stacks(): { parents: Uint32Array; frames: Uint32Array; count: number } {
    const { stackParents: parents, stackFrames: frames } = this;
    return { parents: parents.data, frames: frames.data, count: frames.length };
  }

  functionInfo(id: number): FunctionInfo | undefined {
    return this.functions[id - 1];
  }

  /**
   * The kinds of frames that this function has had; a Lua function may have run compiled as well.
   */
  kindsOf(id: number): FrameKind[] {
    const bits = id < this.kinds.length ? this.kinds.data[id]! : 0;
    return allKinds.filter((kind) => (bits >>> kind) & 1);
  }

  /** Forgets all samples; the dictionaries stay, since batches to come refer to them. */
  reset(): void {
    this.engine.clear();
    this.tallies.clear();
    this.changed();
  }

  /** Calls `listener` after each change, in the same turn; the function returned ends that. */
  onDidChange(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private checkRows(stacks: Uint32Array, labels: Uint32Array, requests: Uint32Array): void {
    for (const stack of stacks)
      if (stack > this.stackFrames.length) throw new RangeError(`row refers to stack ${stack}`);
    for (const label of labels)
      if (label > this.labels.length) throw new RangeError(`row refers to labels ${label}`);
    for (const request of requests)
      if (request > this.requests.length) throw new RangeError(`row refers to request ${request}`);
  }

  private addAllocations(timeUs: number, rows: AllocationRows | undefined): void {
    if (rows === undefined) return;
    const { stacks, pids, counts, bytes, labels, requests } = rows;
    const known = requests.length === 0 ? undefined : requests;
    this.engine.appendAllocated(timeUs, stacks, pids, counts, bytes, labels, known);
    this.tallies.addAllocations(rows);
  }

  private addDictionaries(batch: ProfileBatch): void {
    const functionCount = this.functions.length + batch.functions.length;
    for (const frame of batch.frames)
      if (frame.function < 1 || frame.function > functionCount)
        throw new RangeError(`frame refers to function ${frame.function} of ${functionCount}`);
    for (const info of batch.functions) this.functions.push(info);
    this.kinds.append(new Uint32Array(functionCount + 1 - this.kinds.length));
    for (const frame of batch.frames) {
      this.frames.push(frame);
      this.kinds.data[frame.function]! |= 1 << frame.kind;
    }
    for (const label of batch.labels) this.labels.push(label);
    for (const request of batch.requests) this.requests.push(request);
    for (const loaded of batch.modules) this.modulesOf.set(`${loaded.pid} ${loaded.vm}`, loaded);
    this.engine.addFrames(
      Uint32Array.from(batch.frames, (frame) => frame.function),
      Uint8Array.from(batch.frames, (frame) => frame.kind),
      Uint32Array.from(batch.frames, (frame) => frame.line),
      Uint8Array.from(batch.frames, (frame) => frame.flags),
    );
    this.stackParents.append(batch.stackParents);
    this.stackFrames.append(batch.stackFrames);
    this.engine.addStacks(batch.stackParents, batch.stackFrames);
  }

  private changed(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
