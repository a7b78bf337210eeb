/** The part of a profile that a row of a table stands for. */
import { inTurns } from '../common/turns';
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
  if (by === 'owner') {
    return {
      narrow: async (query) => {
        await index.advance();
        const owners = index.update();
        const wanted = index.owners.find(kind, name)?.id ?? -1;
        return { ...query, stacks: await maskOf(store, (stack) => owners[stack] === wanted) };
      },
    };
  }
  if (by === 'phase') {
    const labels = () => store.labelMask((each) => phaseOf(each) === name);
    return { narrow: async (query) => ({ ...query, labels: await labels() }) };
  }
  if (!name.startsWith(noRequestPrefix)) {
    const requests = () =>
      store.requestMask((each) => each !== undefined && requestKey(by, each) === name);
    return { narrow: async (query) => ({ ...query, requests: await requests() }) };
  }
  return partWithoutRequest(store, index, name);
}

/** Of a row that says what a worker did for no request. */
function partWithoutRequest(store: ProfileStore, index: OwnerIndex, name: string): Part {
  const narrow = async (query: Query): Promise<Query> => {
    const requests = await store.requestMask((each) => each === undefined);
    const labels = await store.labelMask((each) => inTimer(each) === (name === timers));
    await index.advance();
    index.update();
    const isIt = (stack: number) => index.unknown.nameOf(stack, name === timers) === name;
    return { ...query, requests, labels, stacks: await maskOf(store, isIt) };
  };
  return { narrow };
}

/** Of the stacks that the store has now. */
async function maskOf(store: ProfileStore, holds: (stack: number) => boolean): Promise<Uint8Array> {
  const mask = new Uint8Array(store.stacks.count + 1);
  await inTurns(mask.length, (stack) => (mask[stack] = Number(holds(stack))));
  return mask;
}
