/**
 * What the page says, checked: it shows text from the target, so it is trusted with no more than it
 * needs.
 */
import { isMeasure } from '../../profile/series';
import type { ControlAction, OwnerKind, TableKey, ToExtension } from '../../../webview/messages';

const ACTIONS: Record<ControlAction, true> = {
  pause: true,
  resume: true,
  reset: true,
  stop: true,
  attach: true,
  export: true,
  heap: true,
  log: true,
};

const KEYS: Record<TableKey, true> = {
  owner: true,
  phase: true,
  uri: true,
  route: true,
  host: true,
  method: true,
};

const OWNERS: Record<OwnerKind, true> = {
  plugin: true,
  core: true,
  nginx: true,
  kernel: true,
  other: true,
};

const LONGEST_KEY = 4096;
const LONGEST_COPY = 1 << 20;

/** @returns undefined for what no page of ours says. */
export function fromPage(raw: unknown): ToExtension | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const message = raw as Record<string, unknown>;
  switch (message['type']) {
    case 'ready':
      return { type: 'ready' };
    case 'view': {
      const { measure, windowSeconds, hiddenKinds } = message;
      if (!isMeasure(measure)) return undefined;
      if (!isCount(windowSeconds) || !isCount(hiddenKinds)) return undefined;
      return { type: 'view', measure, windowSeconds, hiddenKinds };
    }
    case 'painted': {
      const { revision, milliseconds } = message;
      if (!isCount(revision) || typeof milliseconds !== 'number') return undefined;
      return { type: 'painted', revision, milliseconds };
    }
    case 'open': {
      const { functionId, line, toSide } = message;
      if (!isCount(functionId) || !isCount(line)) return undefined;
      return { type: 'open', functionId, line, toSide: toSide === true };
    }
    case 'control': {
      const { action } = message;
      return isOneOf(ACTIONS, action) ? { type: 'control', action } : undefined;
    }
    case 'copy': {
      const { text } = message;
      return typeof text === 'string' && text.length <= LONGEST_COPY
        ? { type: 'copy', text }
        : undefined;
    }
    case 'table': {
      const by = message['by'] as { rows?: unknown; columns?: unknown } | null | undefined;
      if (by === null) return { type: 'table', by };
      const { rows, columns } = by ?? {};
      return isOneOf(KEYS, rows) && isOneOf(KEYS, columns)
        ? { type: 'table', by: { rows, columns } }
        : undefined;
    }
    case 'focus': {
      const focus = message['focus'] as Record<string, unknown> | null | undefined;
      if (focus === null) return { type: 'focus', focus };
      const { by, key, kind } = focus ?? {};
      return isOneOf(KEYS, by) && isOneOf(OWNERS, kind) && isShort(key)
        ? { type: 'focus', focus: { by, key, kind } }
        : undefined;
    }
    case 'memory':
      return { type: 'memory', on: message['on'] === true };
    case 'heap': {
      const { pid } = message;
      return isCount(pid) && pid > 0 ? { type: 'heap', pid } : undefined;
    }
    default:
      return undefined;
  }
}

function isOneOf<T extends string>(names: Record<T, true>, value: unknown): value is T {
  return typeof value === 'string' && Object.hasOwn(names, value);
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_KEY;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
