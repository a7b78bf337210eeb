/** How many requests a row of a table stands for: what one of them costs is a part of these alone. */
import type { Query } from '../profile/engine';
import { requestTables } from '../profile/request-tables';
import type { TableLog } from '../profile/tables';
import { type Dimension, routeOf } from './dimensions';
import type { Requests } from './requests';

/** The instrument that tells requests apart, */
export const requestInstrument = 'requests';

/** Of a row by its name; undefined: not known, or it is of no request. */
export type RowRequests = (row: string) => number | undefined;

export function isOfRequests(by: Dimension): by is Exclude<Dimension, 'owner' | 'phase'> {
  return by !== 'owner' && by !== 'phase';
}

/** Whether requests were told apart at all. */
export function areTold(tables: { table(name: string): TableLog | undefined }): boolean {
  return tables.table(requestTables.requests.latency) !== undefined;
}

/**
 * Of owners and phases all requests, since each takes part in all of them. Of routes and the like
 * their own: as many of all as they are among those that were watched, which may have been in
 * bursts.
 * @param all that were handled in the time of the query.
 */
export function rowRequests(
  tables: { table(name: string): TableLog | undefined },
  query: Query,
  by: Dimension,
  all: Requests,
): RowRequests {
  const count = 'count' in all ? all.count : undefined;
  if (!isOfRequests(by)) return () => count;
  const key = by === 'route' ? 'uri' : by;
  const seen = new Map<string, number>();
  let sum = 0;
  for (const row of tables.table(requestTables.requests.latency)?.rows(query, [key]) ?? []) {
    const value = String(row.keys[0] ?? '');
    const name = by === 'route' ? routeOf(value) : value;
    seen.set(name, (seen.get(name) ?? 0) + row.count);
    sum += row.count;
  }
  if (count === undefined || sum === 0) return () => undefined;
  return (row) => {
    const own = seen.get(row);
    return own === undefined ? undefined : (own / sum) * count;
  };
}
