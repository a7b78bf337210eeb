/**
 * Charges tables to an account. The log of a table adds up rows of equal keys, in the end by ten
 * seconds, so a row is charged that is new within such a time.
 */
import { COARSE_SECONDS } from '../profile/tables';
import type { Account } from './account';
import type * as wire from './generated/acupoint_pb';

export class TableCharges {
  private period = -1;
  /** Buckets of each row in this period, by its series, process and keys. */
  private readonly seen = new Map<string, Set<number>>();

  constructor(private readonly account: Account) {}

  /** @param chars of the keys of each row. Throws ProbeError 'full'. */
  add(timeUs: number, rows: wire.TableRows, chars: (row: number) => number): void {
    const period = Math.floor(timeUs / (COARSE_SECONDS * 1e6));
    if (period !== this.period) this.seen.clear();
    this.period = period;
    const width = rows.pids.length === 0 ? 0 : rows.keys.length / rows.pids.length;
    let at = 0;
    rows.pids.forEach((pid, row) => {
      const keys = rows.keys.slice(row * width, (row + 1) * width);
      const id = `${rows.series} ${pid} ${keys.join()}`;
      let buckets = this.seen.get(id);
      if (buckets === undefined) {
        this.account.keepRows('tableRow', 1);
        this.account.keepRows('char', chars(row));
        this.seen.set(id, (buckets = new Set()));
      }
      const before = buckets.size;
      for (const end = at + (rows.bucketRows[row] ?? 0); at < end; at++)
        buckets.add(rows.buckets[at]!);
      this.account.keepRows('tableBucket', buckets.size - before);
    });
  }
}
