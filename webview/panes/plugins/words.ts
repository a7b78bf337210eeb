/** How the keys of tables and the kinds of owners are called. */
import type { Measure } from '../../../extension/profile/engine';
import type { FocusedRow, OwnerKind, TableKey } from '../../../extension/page/messages';

/** One row's thing, and all of them. */
export const KEY_WORDS: Record<TableKey, readonly [one: string, all: string]> = {
  owner: ['Plugin', 'plugin'],
  phase: ['Phase', 'phase'],
  uri: ['URI', 'URI'],
  route: ['Route', 'route (URI without ids)'],
  host: ['Host', 'host'],
  method: ['Method', 'method'],
};

export const KIND_WORDS: Record<OwnerKind, string> = {
  plugin: 'plugin',
  core: 'core',
  nginx: 'nginx',
  kernel: 'kernel',
  other: 'other',
};

interface MeasureWords {
  /** Heads the column of shares. */
  readonly share: string;
  /** What shares are shares of, within a sentence, and at its beginning. */
  readonly whole: string;
  readonly Whole: string;
  readonly request: string;
  readonly requestHint: string;
  readonly trend: string;
}

export const MEASURE_WORDS: Record<Measure, MeasureWords> = {
  cpu: {
    share: 'CPU',
    whole: 'on-CPU time',
    Whole: 'On-CPU time',
    request: 'µs / request',
    requestHint: 'On-CPU microseconds for each request that nginx took on',
    trend: 'CPU used in each of the last 60 seconds, all rows to one scale; sorts by growth',
  },
  allocated: {
    share: 'Bytes',
    whole: 'allocated bytes',
    Whole: 'Allocated bytes',
    request: '/ request',
    requestHint:
      'Bytes for each request that nginx took on, estimated from the bursts in which allocations ' +
      'are watched',
    trend:
      'Part of the bytes in each of the last 60 seconds, all rows to one scale; sorts by growth',
  },
};

/** What the row of a table cannot be chosen by: it stands for many. */
export const THE_REST = '(the rest)';

/** Says that only a row of a table is shown. */
export function focusText({ by, key, kind }: FocusedRow): string {
  const word = by === 'owner' ? KIND_WORDS[kind] : KEY_WORDS[by][1].split(' ')[0]!;
  const name = key.length > 80 ? `${key.slice(0, 79)}…` : key;
  return word === name ? `Only ${name}` : `Only ${word} ${name}`;
}
