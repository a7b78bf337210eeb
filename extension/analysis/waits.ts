/** Where requests wait, by the Lua function that does, and what for. */
import type { Query, StackTable } from '../profile/engine';
import { type FrameKind, FrameKind as Kind } from '../profile/frames';
import { isLua } from '../profile/names';
import type { ProfileStore } from '../profile/store';

/** Weights are microseconds of requests. */
export interface WaitingFunction {
  /** Function id; 0: no Lua of the requests waits. */
  readonly function: number;
  readonly kind: FrameKind;
  /** The function is the innermost one in Lua; it is somewhere in the stack. */
  readonly self: number;
  readonly total: number;
  /** By text, of `self`; most first. */
  readonly waitsFor: readonly (readonly [text: string, weight: number])[];
  /** By line that was executing, of `self`; most first, then by line. */
  readonly lines: readonly (readonly [line: number, weight: number])[];
}

/** The root of stacks of requests that last on; see native/probe/instruments/waiting. */
const LASTING = '[in flight for over a minute]';

export interface Waits {
  /** All together. */
  readonly weight: number;
  /** By descending self. */
  readonly functions: readonly WaitingFunction[];
  /** By what is waited for, of all; most first. */
  readonly waitsFor: readonly (readonly [text: string, weight: number])[];
}

/** "[waits for: read, 10.0.0.1:6379]" -> "read, 10.0.0.1:6379" */
export function waitText(mark: string): string {
  return /^\[(?:waits for: )?(.*)\]$/s.exec(mark)?.[1] ?? mark;
}

interface Sums {
  kind: FrameKind;
  self: number;
  total: number;
  readonly waitsFor: Map<string, number>;
  readonly lines: Map<number, number>;
}

/** The query of requests that have not lasted for over a minute: websockets and event streams do. */
export function withoutLasting(store: ProfileStore, query: Query): Query {
  const { stacks, frames } = store;
  const held = new Uint8Array(stacks.count + 1).fill(1);
  for (let stack = 1; stack <= stacks.count; stack++) {
    const parent = stacks.parents[stack - 1]!;
    const frame = frames[stacks.frames[stack - 1]! - 1]!;
    const lasts =
      parent === 0 &&
      frame.kind === Kind.Wait &&
      store.functionInfo(frame.function)?.name === LASTING;
    held[stack] = lasts || (parent > 0 && held[parent] === 0) ? 0 : 1;
  }
  return { ...query, stacks: held };
}

export async function waitsIn(store: ProfileStore, query: Query): Promise<Waits> {
  const table = await store.stackTable(query);
  const sums = new Map<number, Sums>();
  const all = new Map<string, number>();
  for (const [row, stack] of table.stacks.entries()) {
    addStack(store, sums, all, stack, table.weights[row]!);
  }
  return {
    weight: weightOf(table),
    functions: [...sums]
      .map(([id, { kind, self, total, waitsFor, lines }]) => ({
        function: id,
        kind,
        self,
        total,
        waitsFor: mostFirst(waitsFor),
        lines: mostFirst(lines),
      }))
      .sort((a, b) => b.self - a.self || b.total - a.total || a.function - b.function),
    waitsFor: mostFirst(all),
  };
}

function weightOf({ weights }: StackTable): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

function addStack(
  store: ProfileStore,
  sums: Map<number, Sums>,
  all: Map<string, number>,
  stack: number,
  weight: number,
): void {
  const { stacks, frames } = store;
  let text = '';
  let isInnermost = true;
  const met = new Set<number>();
  for (let at = stack; at > 0; at = stacks.parents[at - 1]!) {
    const frame = frames[stacks.frames[at - 1]! - 1]!;
    if (frame.kind === Kind.Wait) {
      // The innermost: one at the root says that the request lasts.
      if (text === '') text = waitText(store.functionInfo(frame.function)?.name ?? '');
      continue;
    }
    if (!isLua(frame.kind)) continue;
    const of = sumsOf(sums, frame.function, frame.kind);
    if (isInnermost) {
      of.self += weight;
      add(of.waitsFor, text, weight);
      if (frame.line > 0) add(of.lines, frame.line, weight);
    }
    isInnermost = false;
    if (!met.has(frame.function)) of.total += weight;
    met.add(frame.function);
  }
  add(all, text, weight);
  if (!isInnermost) return;
  const none = sumsOf(sums, 0, Kind.Wait);
  none.self += weight;
  none.total += weight;
  add(none.waitsFor, text, weight);
}

function sumsOf(sums: Map<number, Sums>, id: number, kind: FrameKind): Sums {
  let found = sums.get(id);
  if (found === undefined) {
    found = { kind, self: 0, total: 0, waitsFor: new Map(), lines: new Map() };
    sums.set(id, found);
  }
  return found;
}

function add<K>(sums: Map<K, number>, key: K, weight: number): void {
  sums.set(key, (sums.get(key) ?? 0) + weight);
}

function mostFirst<K extends string | number>(
  sums: ReadonlyMap<K, number>,
): (readonly [K, number])[] {
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
