/** The allocations of a function or a line, where they were watched. */
import type { WatchFigures } from '../capture/watch-log';
import { bytesText } from '../profile/bytes';
import type { CallTree, FunctionTable } from '../profile/engine';
import type { FunctionInfo } from '../profile/frames';
import type { Measure } from '../profile/series';
import { chunkShares, needsTree, rowsByChunk } from './shares';

/** Shown beside whatever else is looked at. */
export const besides: Measure = 'allocated';

/** Allocations of the part of a profile that is looked at. */
export class Allocated {
  private readonly rows: Map<string, number[]>;

  constructor(
    private readonly table: FunctionTable,
    private readonly tree: () => Promise<CallTree>,
    private readonly functions: readonly FunctionInfo[],
    private readonly figures: WatchFigures,
  ) {
    this.rows = rowsByChunk(table, functions);
  }

  /** "≈ 3.2 KB per request" of each line of the chunks where functions are defined. */
  async costs(chunks: readonly string[]): Promise<Map<number, string>> {
    const { table, functions } = this;
    const rows = chunks.flatMap((chunk) => this.rows.get(chunk) ?? []);
    const tree = needsTree(table, functions, rows) ? await this.tree() : undefined;
    const shares = chunkShares(table, functions, rows, tree);
    return new Map(shares.functions.map(({ line, total }) => [line, this.cost(total)]));
  }

  /**
   * An estimate from the bursts, and shown as that; '' where there is none.
   * @param share of all bytes, of 1.
   */
  cost(share: number): string {
    const { perRequest, perSecond } = this.figures;
    if (share <= 0) return '';
    if (perRequest !== null) return `≈ ${bytesText(share * perRequest)} per request`;
    return perSecond === null ? '' : `≈ ${bytesText(share * perSecond)}/s`;
  }
}
