/** A way to run programs on the machine of the target. */

export interface RemoteProcess {
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  /**
   * Resolves when the program has ended; code null: killed by signal, or the connection was lost.
   */
  readonly exit: Promise<ExitStatus>;
  /** Resolves when nothing is left of it on the connection, where that may be later. */
  readonly closed?: Promise<void>;
  /** Ends the program (closes its stdin, then signals it). */
  kill(): void;
}

export interface ExitStatus {
  readonly code: number | null;
  readonly signal: string | null;
}

export interface ExecResult extends ExitStatus {
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly input?: Uint8Array;
  /** From its start on. */
  readonly timeoutMs?: number;
  /** From the last output on. */
  readonly silentMs?: number;
  readonly maxBytes?: number;
  /** Hears what is printed on stdout, as it comes. */
  readonly onOutput?: (text: string) => void;
}

export interface UploadOptions {
  /** The host has a gzip: a slow connection has half to carry. */
  readonly gzip?: boolean;
  /** How many bytes of those that travel have arrived. */
  readonly onProgress?: (bytes: number, of: number) => void;
}

export interface Transport {
  /** For people: "This machine", "user@host". */
  readonly label: string;
  /**
   * Runs argv without a shell of the user's in between changing it: each argument arrives as it is.
   */
  spawn(argv: readonly string[]): Promise<RemoteProcess>;
  /** Runs argv to its end. Output over `maxBytes` (default 1 MiB) is a RemoteError. */
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
  /**
   * Writes a file atomically with the mode given; throws RemoteError ('disk-full', 'permission',
   * ...).
   */
  upload(content: Uint8Array, path: string, mode: number, options?: UploadOptions): Promise<void>;
  /** Called once when the connection is gone; with the reason unless it was asked for. */
  onDidClose(listener: (reason: RemoteError | undefined) => void): void;
  /** Closes the connection. */
  dispose(): void;
}

export type RemoteErrorKind =
  | 'unreachable'
  | 'unknown-host'
  | 'timeout'
  | 'auth'
  | 'host-key-changed'
  | 'host-key-rejected'
  | 'host-key-revoked'
  | 'config'
  | 'cancelled'
  | 'connection-lost'
  | 'disk-full'
  | 'permission'
  | 'no-exec'
  | 'no-session'
  /** The account runs no command, or none that can be spoken to. */
  | 'no-shell'
  | 'not-found'
  | 'output-too-large'
  | 'failed';

/** Its message says what happened, what it means and what to do next; detail is for the log. */
export class RemoteError extends Error {
  /** By name: the bundles that are loaded on first use each have this class for themselves. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'RemoteError';
  }

  constructor(
    readonly kind: RemoteErrorKind,
    message: string,
    readonly detail = '',
  ) {
    super(message);
    this.name = 'RemoteError';
  }
}
