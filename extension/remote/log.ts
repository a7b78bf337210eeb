import { fromOutside, type Outside } from '../common/outside';

/** Where connecting and probing report what they do. VS Code's LogOutputChannel is one. */
export interface Log {
  trace(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

export const silentLog: Log = {
  trace: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};

/** What was thrown, in its own words: they may quote the host. */
export function messageOf(error: unknown): Outside {
  return fromOutside(error instanceof Error ? error.message : String(error));
}
