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
