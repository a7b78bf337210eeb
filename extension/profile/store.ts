import { inTurns } from '../common/turns';
import { bytes, Column, words } from './column';
import type {
  CallTree,
  FunctionTable,
  GroupTable,
  ProfileEngine,
  Query,
  StackTable,
} from './engine';
import {
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
import type { PointLog } from './points';
import type { SeriesInfo, StackRows } from './rows';
import { RunIds } from './run-ids';
import { checkRows } from './sample-log';
import { defaultMeasure } from './series';
import { SharedRoots, type KnownStacks } from './shared-roots';
import { SeriesLogs } from './series-logs';
import type { TableLog } from './tables';
import { Tallies } from './tallies';
import { Twins } from './twins';

const allKinds = Object.values(FrameKind).filter((kind) => typeof kind === 'number');

/** All samples since the capture began, or since the last reset. */
export const sinceStart: Query = { fromUs: -Infinity, toUs: Infinity };

/** The queries of views and exports to a profile, or to a part of one. */
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
  private readonly roots = new SharedRoots();
  private readonly known: KnownStacks = {
    parentOf: (stack) => this.stackParents.data[stack - 1]!,
    frameOf: (stack) => this.frames[this.stackFrames.data[stack - 1]! - 1],
    infoOf: (fn) => this.functionInfo(fn),
  };
  private readonly twins = new Twins();
  private readonly modulesOf = new Map<string, LoadedModules>();
  private readonly logs = new SeriesLogs();
  private firstStartMs: number | undefined;
  private offsetUs = 0;
  private latestUs = 0;
  /** Whether rows of a series have weights of their own. */
  private readonly weighed = new Map<string, boolean>();
  /** Least that one count stood for, by series. */
  private readonly periods = new Map<string, number>();
  /** Times without samples because there was no probe, between two runs: [from, to]. */
  private lapses: (readonly [number, number])[] = [];
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

  /** Microseconds since the capture began, between which nobody sampled; oldest first. */
  get gaps(): readonly (readonly [number, number])[] {
    return this.lapses;
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
    this.lapses.push([this.latestUs, this.offsetUs]);
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

  /** Series of all shapes that a probe has declared. */
  get series(): SeriesInfo[] {
    return [...this.logs.infos.values()];
  }

  /** undefined: no probe has declared a table of this name. */
  table(name: string): TableLog | undefined {
    return this.logs.table(name);
  }

  /** undefined: no probe has declared points of this name. */
  points(name: string): PointLog | undefined {
    return this.logs.pointsOf(name);
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
    // All of a batch is checked before any of it is kept.
    for (const rows of batch.stacks) this.checkStacks(rows);
    this.logs.check(batch.tables, batch.points, this.stackFrames.length);
    for (const rows of batch.stacks) this.addStacks(timeUs, rows);
    this.logs.add(timeUs, this.offsetUs, batch.tables, batch.points);
    this.latestUs = timeUs;
  }

  /** Siblings stand in alphabetical order. */
  async callTree(query: Query = sinceStart): Promise<CallTree> {
    await this.ranks.advance(this.functions);
    return this.engine.callTree(query, this.ranks.of(this.functions));
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
  async groupTable(
    query: Query,
    labelGroup: (labels: SampleLabels | undefined) => number = () => 0,
    requestGroup: (request: RequestInfo | undefined) => number = () => 0,
  ): Promise<GroupTable> {
    // There are many requests, and few label sets: these are up to date behind them.
    const requests = await eachOf(this.requests, words, requestGroup);
    const labels = await eachOf(this.labels, words, labelGroup);
    return this.engine.groupTable(query, labels, requests);
  }

  /** For {@link Query.labels}: the label sets for which `wanted` holds. */
  labelMask(wanted: (labels: SampleLabels | undefined) => boolean): Promise<Uint8Array> {
    return eachOf(this.labels, bytes, (labels) => Number(wanted(labels)));
  }

  /** For {@link Query.requests}. */
  requestMask(wanted: (request: RequestInfo | undefined) => boolean): Promise<Uint8Array> {
    return eachOf(this.requests, bytes, (request) => Number(wanted(request)));
  }

  /** The window of the last so many seconds that were captured. */
  lastSeconds(seconds: number): Query {
    // An interval's time is its end, so the one that ends where the window opens is outside of it.
    return { fromUs: this.latestUs - seconds * 1e6 + 1, toUs: Infinity };
  }

  /** Stacks with their samples and all that names them, for an export. */
  async snapshot(query: Query = sinceStart): Promise<ProfileSnapshot> {
    const phases = ['', ...new Set(this.labels.map(({ phase }) => phase))];
    const [samples, labelled] = await Promise.all([
      this.engine.stackTable(query),
      this.engine.groupTable(
        query,
        Uint32Array.from([undefined, ...this.labels], (set) => phases.indexOf(set?.phase ?? '')),
        Uint32Array.from({ length: this.requests.length + 1 }, (_, id) => id),
      ),
    ]);
    const fromUs = Math.max(query.fromUs, 0);
    const { measure = defaultMeasure } = query;
    return {
      functions: this.functions,
      frames: this.frames,
      stackParents: this.stackParents.data,
      stackFrames: this.stackFrames.data,
      samples,
      labelled,
      phases,
      requests: this.requests,
      measure,
      startUnixMs: (this.firstStartMs ?? 0) + fromUs / 1000,
      durationUs: Math.max(0, Math.min(query.toUs, this.latestUs) - fromUs),
      period: this.periods.get(measure) ?? 0,
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
    this.lapses = [];
    this.logs.clear();
    this.tallies.clear();
  }

  private checkStacks(rows: StackRows): void {
    checkRows({ ...rows, requests: given(rows.requests) }, rows.values, this.stackFrames.length);
    if (rows.stacks.length === 0) return;
    const weighed = typeof rows.values !== 'number';
    if (weighed !== (this.weighed.get(rows.series) ?? weighed))
      throw new RangeError('a series has weights of its rows, or of their counts');
    this.weighed.set(rows.series, weighed);
    for (const label of rows.labels)
      if (label > this.labels.length) throw new RangeError(`row refers to labels ${label}`);
    for (const request of rows.requests)
      if (request > this.requests.length) throw new RangeError(`row refers to request ${request}`);
  }

  private addStacks(timeUs: number, rows: StackRows): void {
    const { series, stacks, pids, counts, values, labels, requests } = rows;
    this.engine.append(series, timeUs, stacks, pids, counts, values, labels, given(requests));
    this.tallies.add(rows, (id) => this.labels[id - 1]);
    if (typeof values !== 'number' || values === 0) return;
    this.periods.set(series, Math.min(values, this.periods.get(series) ?? Infinity));
  }

  private addDictionaries(batch: ProfileBatch): void {
    const functionCount = this.functions.length + batch.functions.length;
    for (const frame of batch.frames)
      if (frame.function < 1 || frame.function > functionCount)
        throw new RangeError(`frame refers to function ${frame.function} of ${functionCount}`);
    for (const info of batch.functions) this.functions.push(this.twins.named(info));
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
    const before = this.stackParents.length;
    this.stackParents.append(batch.stackParents);
    this.stackFrames.append(batch.stackFrames);
    const parents = this.stackParents.data;
    for (let stack = before + 1; stack <= this.stackFrames.length; stack++)
      parents[stack - 1] = this.roots.parentFor(stack, this.known);
    this.engine.addStacks(parents.slice(before, this.stackFrames.length), batch.stackFrames);
    this.logs.declare(batch.series);
  }
}

/** By id: of none, and of each of the list, with those that come while it is gone through. */
async function eachOf<T, N extends Uint8Array | Uint32Array>(
  list: readonly T[],
  allocate: (length: number) => N,
  of: (each: T | undefined) => number,
): Promise<N> {
  const result = new Column(allocate);
  while (result.length <= list.length) {
    const known = result.length;
    await inTurns(list.length + 1 - known, (i) => result.push(of(list[known + i - 1])));
  }
  return result.data.slice(0, result.length) as N;
}

/** A column that is not there where no row has it. */
function given(column: Uint32Array): Uint32Array | undefined {
  return column.length === 0 ? undefined : column;
}
