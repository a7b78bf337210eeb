/** What allocations come to for a function or a line, where they were watched. */
import type { AllocationFigures } from '../capture/burst-log';
import { bytesText } from '../profile/bytes';
import type { CallTree, FunctionTable } from '../profile/engine';
import type { FunctionInfo } from '../profile/frames';
import { chunkShares, needsTree, rowsByChunk } from './shares';

/** Allocations of the part of a profile that is looked at. */
export class Allocated {
  private readonly rows: Map<string, number[]>;

  constructor(
    private readonly table: FunctionTable,
    private readonly tree: () => Promise<CallTree>,
    private readonly functions: readonly FunctionInfo[],
    private readonly figures: AllocationFigures,
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
    const { bytesPerRequest, bytesPerSecond } = this.figures;
    if (share <= 0) return '';
    if (bytesPerRequest !== null) return `≈ ${bytesText(share * bytesPerRequest)} per request`;
    return bytesPerSecond === null ? '' : `≈ ${bytesText(share * bytesPerSecond)}/s`;
  }
}
