/** How the command ends, as shells expect it. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  /** The reader of our output has gone: 128 + SIGPIPE. */
  pipeClosed: 141,
} as const;

/** The words typed are not a command. The message says what is wrong with them. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** The command whose help says more; undefined: that of the whole. */
    readonly command?: string,
  ) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Ends the command with its message on stderr; what was captured is written already. */
export class Failed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Failed';
  }
}
