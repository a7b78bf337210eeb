/** Checks what the page of heap snapshots says: it shows text from the target. */
import type { FromHeapPage, HeapAction } from '../../page/heap';

const ACTIONS: Record<HeapAction, true> = { take: true, compare: true, text: true, flames: true };
const LONGEST_COPY = 1 << 20;

/** @returns undefined for what no page of ours says. */
export function fromHeapPage(raw: unknown): FromHeapPage | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { type, shown, compared, source, toSide, action, text } = raw as Record<string, unknown>;
  switch (type) {
    case 'ready':
      return { type };
    case 'choose':
      return isCount(shown) && (compared === null || isCount(compared))
        ? { type, shown, compared }
        : undefined;
    case 'source':
      return isCount(source) ? { type, source, toSide: toSide === true } : undefined;
    case 'action':
      return typeof action === 'string' && Object.hasOwn(ACTIONS, action)
        ? { type, action: action as HeapAction }
        : undefined;
    case 'copy':
      return typeof text === 'string' && text.length <= LONGEST_COPY ? { type, text } : undefined;
    default:
      return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
