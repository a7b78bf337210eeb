/** How the keys of tables and the kinds of owners are called. */
import type { OwnerKind, TableKey } from '../messages';

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

/** What the row of a table cannot be chosen by: it stands for many. */
export const THE_REST = '(the rest)';
