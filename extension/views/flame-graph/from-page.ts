/**
 * What the page says, checked: it shows text from the target, so it is trusted with no more than it
 * needs.
 */
import type { ControlAction, ToExtension } from '../../../webview/messages';

const ACTIONS: Record<ControlAction, true> = {
  pause: true,
  resume: true,
  reset: true,
  stop: true,
  attach: true,
  export: true,
  log: true,
};

const LONGEST_COPY = 1 << 20;

/** @returns undefined for what no page of ours says. */
export function fromPage(raw: unknown): ToExtension | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined;
  const message = raw as Record<string, unknown>;
  switch (message['type']) {
    case 'ready':
      return { type: 'ready' };
    case 'view': {
      const { windowSeconds, hiddenKinds } = message;
      if (!isCount(windowSeconds) || !isCount(hiddenKinds)) return undefined;
      return { type: 'view', windowSeconds, hiddenKinds };
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
      if (typeof action !== 'string' || !Object.hasOwn(ACTIONS, action)) return undefined;
      return { type: 'control', action: action as ControlAction };
    }
    case 'copy': {
      const { text } = message;
      return typeof text === 'string' && text.length <= LONGEST_COPY
        ? { type: 'copy', text }
        : undefined;
    }
    default:
      return undefined;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
