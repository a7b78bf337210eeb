/** How the keys of tables and the kinds of owners are called. */
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
  module: 'module',
  nginx: 'nginx',
  kernel: 'kernel',
  other: 'other',
};

/** Says that only a row of a table is shown. */
export function focusText({ by, key, kind }: FocusedRow): string {
  const word = by === 'owner' ? KIND_WORDS[kind] : KEY_WORDS[by][1].split(' ')[0]!;
  const name = key.length > 80 ? `${key.slice(0, 79)}…` : key;
  return word === name ? `Only ${name}` : `Only ${word} ${name}`;
}
