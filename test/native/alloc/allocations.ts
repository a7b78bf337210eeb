/** The rows of `record --allocations`, with questions that tests ask of them. */
import assert from 'node:assert/strict';
import { runRecorder } from '../binary';
import type { Frame } from '../trace/recording';

interface Json {
  readonly frames: Frame[];
  readonly stacks: {
    readonly frames: number[];
    readonly quality: string;
    readonly allocated: number;
    readonly bytes: number;
  }[];
  readonly allocations: Record<
    | 'watchedUs'
    | 'elapsedUs'
    | 'calls'
    | 'bytes'
    | 'lostBytes'
    | 'requests'
    | 'bursts'
    | 'trapUs'
    | 'costPercent',
    number
  > & { missing: string };
}

export class Allocations {
  readonly totals: Json['allocations'];
  /** Stacks that were taken. */
  readonly samples: number;
  readonly #json: Json;

  constructor(json: Json) {
    this.#json = json;
    this.totals = json.allocations;
    this.samples = json.stacks.reduce((sum, { allocated }) => sum + allocated, 0);
    const rows = json.stacks.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.equal(rows + this.totals.lostBytes, this.totals.bytes, 'rows add up');
  }

  /** Bytes of the stacks with a frame that is wanted, as a share of all in rows. */
  share(wanted: (frame: Frame) => boolean): number {
    const frames = this.#json.frames.map(wanted);
    const some = this.#json.stacks
      .filter((stack) => stack.frames.some((index) => frames[index]))
      .reduce((sum, { bytes }) => sum + bytes, 0);
    return some / (this.totals.bytes - this.totals.lostBytes);
  }

  /** Share of the stacks for which no Lua stack was found though Lua ran. */
  get unknown(): number {
    const lost = this.#json.stacks.filter(({ quality }) => quality === 'unknown');
    return lost.reduce((sum, { allocated }) => sum + allocated, 0) / this.samples;
  }

  /** Lines of the innermost Lua frames of a function by this name, by their bytes. */
  lines(name: string): ReadonlyMap<number, number> {
    const lines = new Map<number, number>();
    for (const stack of this.#json.stacks) {
      const inner = stack.frames
        .map((index) => this.#json.frames[index])
        .findLast((frame) => frame?.kind === 'lua' || frame?.kind === 'luaJit');
      if (inner?.name !== name) continue;
      lines.set(inner.line, (lines.get(inner.line) ?? 0) + stack.bytes);
    }
    return lines;
  }
}

export async function recordAllocations(
  pid: number,
  seconds: number,
  ...more: readonly string[]
): Promise<Allocations> {
  const args = [
    ...['--pid', String(pid), '--seconds', String(seconds), '--format', 'json'],
    ...['--allocations', ...more],
  ];
  const run = await runRecorder(args, { timeoutMs: (seconds + 45) * 1000 });
  assert.equal(run.code, 0, run.stderr);
  return new Allocations(JSON.parse(run.stdout) as Json);
}

/**
 * Where others want the CPU too, a burst may end while its process waits for it: what comes late in a request is
 * then seen less often. `bench:allocations` holds the real bar on a machine that does nothing else.
 */
const TOLERANCE = 0.3;

/** Each share about as it is known. */
export function assertShares(
  found: Allocations,
  known: Readonly<Record<string, number>>,
  shareOf: (name: string) => number,
): void {
  const all = Object.values(known).reduce((sum, bytes) => sum + bytes, 0);
  const { bursts } = found.totals;
  for (const [name, bytes] of Object.entries(known)) {
    const wanted = bytes / all;
    const share = shareOf(name);
    const off = Math.abs(share - wanted) / wanted;
    const said = `${name}: ${(share * 100).toFixed(1)} %, not ${(wanted * 100).toFixed(1)} %`;
    assert.ok(off < TOLERANCE, `${said}; ${found.samples} stacks in ${bursts} bursts`);
  }
}
