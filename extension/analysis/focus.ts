/** The part of a profile that a row of a table stands for. */
import type { Query } from '../profile/engine';
import type { Part } from '../profile/part';
import type { ProfileStore } from '../profile/store';
import { type Dimension, phaseOf, requestKey } from './dimensions';
import type { OwnerIndex } from './owner-index';
import type { OwnerKind } from './owners';

export interface Focus {
  readonly by: Dimension;
  readonly name: string;
  /** Of an owner; else "other". */
  readonly kind: OwnerKind;
}

export function sameFocus(one: Focus | undefined, other: Focus | undefined): boolean {
  return one?.by === other?.by && one?.name === other?.name && one?.kind === other?.kind;
}

export function partOfFocus(store: ProfileStore, index: OwnerIndex, focus: Focus): Part {
  const { by, name, kind } = focus;
  const all = () => true;
  if (by === 'owner') {
    const holds = () => {
      const owners = index.update();
      const wanted = index.owners.find(kind, name)?.id ?? -1;
      return (stack: number) => owners[stack] === wanted;
    };
    return { narrow: (query) => query, holds };
  }
  const narrow = (query: Query): Query =>
    by === 'phase'
      ? { ...query, labels: store.labelMask((labels) => phaseOf(labels) === name) }
      : { ...query, requests: store.requestMask((each) => requestKey(by, each) === name) };
  return { narrow, holds: () => all };
}
