/** The part of a profile that a row of a table stands for. */
import type { Query } from '../profile/engine';
import type { Part } from '../profile/part';
import type { ProfileStore } from '../profile/store';
import { type Dimension, inTimer, phaseOf, requestKey } from './dimensions';
import { noRequestPrefix, timers } from './no-request';
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
  if (by === 'phase') {
    const labels = () => store.labelMask((each) => phaseOf(each) === name);
    return { narrow: (query) => ({ ...query, labels: labels() }), holds: () => all };
  }
  if (!name.startsWith(noRequestPrefix)) {
    const requests = () =>
      store.requestMask((each) => each !== undefined && requestKey(by, each) === name);
    return { narrow: (query) => ({ ...query, requests: requests() }), holds: () => all };
  }
  return partWithoutRequest(store, index, name);
}

/** Of a row that says what a worker did for no request. */
function partWithoutRequest(store: ProfileStore, index: OwnerIndex, name: string): Part {
  const narrow = (query: Query): Query => ({
    ...query,
    requests: store.requestMask((each) => each === undefined),
    labels: store.labelMask((each) => inTimer(each) === (name === timers)),
  });
  const holds = () => {
    index.update();
    return (stack: number) => index.unknown.nameOf(stack, name === timers) === name;
  };
  return { narrow, holds };
}
