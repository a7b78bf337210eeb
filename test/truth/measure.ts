/** From stacks to figures, all in percent. */
import { BURNERS } from './burners';
import type { Shares } from './record';
import type { HotLines } from './source';
import { isComplete, type Seen } from './stack';

/** A measured share: a figure and how many samples it was measured on. */
export interface Part {
  readonly percent: number;
  readonly of: number;
}

export interface Row {
  readonly burner: string;
  readonly expected: number;
  readonly measured: number;
  readonly samples: number;
  /** The innermost frame stands on a hot line; the greatest error of a line whose part is known. */
  readonly hotLine: Part;
  readonly worstLine: number | undefined;
  readonly complete: Part;
  /** The commonest stacks that are not as they must be, and leaves that stand elsewhere. */
  readonly strays: readonly string[];
  /** Of the samples on a trace: those whose inlined functions were found. */
  readonly decoded: Part | undefined;
  /** Of the samples on a trace: those whose innermost function is right, where guards tell it. */
  readonly leafFunction: Part | undefined;
}

export interface Whole {
  readonly samples: number;
  /** Lua ran, and no Lua function is known. */
  readonly unattributed: Part;
  /** No Lua ran: nginx's event loop. */
  readonly outside: Part;
  readonly decoded: Part | undefined;
  /** The cost of the loads' own bookkeeping; known as well. */
  readonly restExpected: number;
  readonly restMeasured: number;
}

const countOf = (seen: readonly Seen[]) => seen.reduce((sum, { count }) => sum + count, 0);

function part(seen: readonly Seen[], holds: (one: Seen) => boolean): Part {
  const of = countOf(seen);
  return { percent: of ? (100 * countOf(seen.filter(holds))) / of : 100, of };
}

const isHot = ({ leaf }: Seen, hot: HotLines) => leaf !== undefined && hot.lines.has(leaf.line);
const isDecoded = ({ quality }: Seen) => quality !== 'traceRoot' && quality !== 'unknown';

export function measureRow(
  name: string,
  stacks: readonly Seen[],
  shares: Shares,
  hot: HotLines,
): Row {
  const burner = BURNERS[name];
  if (!burner) throw new Error(`No burner ${name}.`);
  const own = stacks.filter((one) => one.burner === name && belongs(one, burner.root));
  const onTrace = own.filter((one) => one.onTrace);
  const { guarded } = burner;
  return {
    burner: name,
    expected: shares.get(name) ?? 0,
    measured: (100 * countOf(own)) / countOf(stacks),
    samples: countOf(own),
    hotLine: part(own, (one) => one.lineKnown && isHot(one, hot)),
    worstLine: worstLine(own, hot),
    complete: part(own, (one) => isComplete(one, burner)),
    strays: [
      ...commonest('stack', own, (one) => !isComplete(one, burner) && describe(one)),
      ...commonest('leaf', own, (one) =>
        one.lineKnown
          ? !isHot(one, hot) && `${one.leaf?.name}:${one.leaf?.line}`
          : `no line: ${describe(one)}`,
      ),
      ...commonest('trace', onTrace, (one) => !isDecoded(one) && describe(one)),
    ],
    decoded: onTrace.length ? part(onTrace, isDecoded) : undefined,
    leafFunction:
      onTrace.length && guarded
        ? part(onTrace, ({ leaf }) => leaf !== undefined && guarded.includes(leaf.name))
        : undefined,
  };
}

const STRAYS = 3;
const STRAY_LENGTH = 300;

function describe({ chain, calls, truncated, vmState, quality }: Seen): string {
  const text = `${truncated ? '[truncated] ' : ''}${[...chain, ...calls].join(' > ')}`;
  return `${text.slice(-STRAY_LENGTH)} (${vmState}, ${quality})`;
}

/** `text`: of a sample that counts. */
function commonest(
  what: string,
  seen: readonly Seen[],
  text: (one: Seen) => string | false | undefined,
): string[] {
  const counts = new Map<string, number>();
  for (const one of seen) {
    const key = text(one);
    if (key) counts.set(key, (counts.get(key) ?? 0) + one.count);
  }
  return [...counts]
    .sort(([, left], [, right]) => right - left)
    .slice(0, STRAYS)
    .map(([key, count]) => `${what} ${count}x ${key}`);
}

/** Who waits for a timer is not the timer. */
function belongs(one: Seen, root = false): boolean {
  return !root || !one.chain.includes('run');
}

function worstLine(own: readonly Seen[], hot: HotLines): number | undefined {
  const errors: number[] = [];
  for (const [line, percent] of hot.lines) {
    if (percent === undefined) continue;
    errors.push(Math.abs(part(own, ({ leaf }) => leaf?.line === line).percent - percent));
  }
  return errors.length ? Math.max(...errors) : undefined;
}

/** `alone`: nothing but Lua runs in the process. */
export function measureWhole(stacks: readonly Seen[], rows: readonly Row[], alone: boolean): Whole {
  const isOutside = (one: Seen) => !alone && one.quality === 'noLua';
  const inLua = stacks.filter((one) => !isOutside(one));
  const onTrace = stacks.filter((one) => one.onTrace);
  return {
    samples: countOf(stacks),
    unattributed: part(inLua, (one) => one.quality === 'unknown' || one.quality === 'noLua'),
    outside: part(stacks, isOutside),
    decoded: onTrace.length ? part(onTrace, isDecoded) : undefined,
    restExpected: 100 - rows.reduce((sum, row) => sum + row.expected, 0),
    restMeasured: 100 - rows.reduce((sum, row) => sum + row.measured, 0),
  };
}
