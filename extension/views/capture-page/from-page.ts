/**
 * Checks what the page says: it shows text from the target, so it is trusted with no more than it
 * needs.
 */
import { LATENCY_KEYS, type LatencyKey } from '../../page/latency';
import { REQUEST_KINDS, type RequestKind } from '../../profile/request-tables';
import { isMeasure } from '../../profile/series';
import type {
  ControlAction,
  OptionsOf,
  OwnerKind,
  TableKey,
  ToExtension,
  Topic,
  WantMessage,
} from '../../page/messages';

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
  module: true,
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
    case 'want':
      return wanted(message['topic'], message['options']);
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
    case 'open-chunk': {
      const { chunk, line, toSide } = message;
      if (!isCount(chunk) || !isCount(line)) return undefined;
      return { type: 'open-chunk', chunk, line, toSide: toSide === true };
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
    case 'focus': {
      const focus = message['focus'] as Record<string, unknown> | null | undefined;
      if (focus === null) return { type: 'focus', focus };
      const { by, key, kind } = focus ?? {};
      return isOneOf(KEYS, by) && isOneOf(OWNERS, kind) && isShort(key)
        ? { type: 'focus', focus: { by, key, kind } }
        : undefined;
    }
    case 'heap': {
      const { pid } = message;
      return isCount(pid) && pid > 0 ? { type: 'heap', pid } : undefined;
    }
    default:
      return undefined;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** By topic, how its options are read; undefined: these are none. */
const OPTIONS: { readonly [T in Topic]: (fields: Fields) => OptionsOf<T> | undefined } = {
  tree({ measure, windowSeconds, hiddenKinds, range }) {
    if (!isMeasure(measure)) return undefined;
    if (!isCount(windowSeconds) || !isCount(hiddenKinds)) return undefined;
    const view = { measure, windowSeconds, hiddenKinds };
    if (range === undefined) return view;
    const [fromUs, toUs] = Array.isArray(range) ? (range as unknown[]) : [];
    return isCount(fromUs) && isCount(toUs) ? { ...view, range: [fromUs, toUs] } : undefined;
  },
  report: ({ rows, columns }) =>
    isOneOf(KEYS, rows) && isOneOf(KEYS, columns) ? { rows, columns } : undefined,
  memory: () => ({}),
  errors: () => ({}),
  jit: () => ({}),
  loop: () => ({}),
  // A page that was made before there were kinds restores its options without one.
  latency({ of = 'requests', by, only }) {
    if (!isRequestKind(of) || !isLatencyKey(by)) return undefined;
    if (only === null) return { of, by, only };
    const { by: row, key } = (only ?? {}) as Fields;
    return isLatencyKey(row) && isShort(key) ? { of, by, only: { by: row, key } } : undefined;
  },
};

function wanted(topic: unknown, raw: unknown): WantMessage | undefined {
  if (typeof topic !== 'string' || !Object.hasOwn(OPTIONS, topic)) return undefined;
  const known = topic as Topic;
  if (raw === null) return { type: 'want', topic: known, options: null };
  if (typeof raw !== 'object') return undefined;
  const options = OPTIONS[known](raw as Fields);
  return options && ({ type: 'want', topic: known, options } as WantMessage);
}

function isOneOf<T extends string>(names: Record<T, true>, value: unknown): value is T {
  return typeof value === 'string' && Object.hasOwn(names, value);
}

function isRequestKind(value: unknown): value is RequestKind {
  return (REQUEST_KINDS as readonly unknown[]).includes(value);
}

function isLatencyKey(value: unknown): value is LatencyKey {
  return (LATENCY_KEYS as readonly unknown[]).includes(value);
}

function isShort(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_KEY;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
