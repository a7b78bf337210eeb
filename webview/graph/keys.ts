/**
 * Keys as a table: what a tooltip or the help says of a key is read off the row that the key works
 * by.
 */

export interface Key {
  /** As KeyboardEvent.key has it. */
  readonly key: string;
  /** As people read it; absent: the same. */
  readonly text?: string;
  /** Says what it does, in the help. */
  readonly help: string;
}

/** A key together with what it does. */
export interface BoundKey extends Key {
  readonly run: () => void;
}

/** Of each page with a flame graph, wherever its focus is but in a text field. */
export const graphKeys = {
  search: { key: '/', help: 'search, as Ctrl+F; Enter goes from match to match' },
  next: { key: 'n', help: 'next match' },
  previous: { key: 'N', text: 'Shift+N', help: 'previous match' },
  whole: { key: '0', help: 'the whole graph' },
  turn: { key: 'i', help: 'flip the graph' },
  help: { key: '?', help: 'keys and mouse' },
} as const satisfies Record<string, Key>;

export type GraphKey = keyof typeof graphKeys;

export function textOf({ key, text = key }: Key): string {
  return text;
}

/** A tooltip that names the key. */
export function withKey(title: string, key: Key): string {
  return `${title} (${textOf(key)})`;
}

/** @param actions by name of a row of the table. */
export function bind<K extends string>(
  keys: Readonly<Record<K, Key>>,
  actions: Readonly<Record<K, () => void>>,
): Record<K, BoundKey> {
  const names = Object.keys(keys) as K[];
  const bound = names.map((name) => [name, { ...keys[name], run: actions[name] }] as const);
  return Object.fromEntries(bound) as Record<K, BoundKey>;
}
