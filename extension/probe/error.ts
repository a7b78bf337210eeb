/** Why the far end could not do something, or has ended. */

export type ProbeErrorKind =
  | 'no-such-process'
  | 'not-nginx'
  | 'privilege'
  | 'no-sampler'
  | 'verifier'
  | 'targets-gone'
  | 'bad-request'
  | 'file'
  /** A heap snapshot would stop the worker for longer than it may. */
  | 'long-pause'
  | 'wrong-architecture'
  | 'nowhere-to-land'
  | 'corrupt-stream'
  | 'connection-lost'
  | 'probe-died'
  /** It heard nothing from us for too long; the connection itself may be whole. */
  | 'silenced'
  /** It has sent as much as one capture may keep: {@link Account}. */
  | 'full'
  /** A recording: what is wrong with it, how it ended, or what cannot be had of it. */
  | 'recording'
  | 'other';

/** Its message says what happened, what it means and what to do next; detail is for the log. */
export class ProbeError extends Error {
  /** By name: the bundles that are loaded on first use each have this class for themselves. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'ProbeError';
  }

  constructor(
    readonly kind: ProbeErrorKind,
    message: string,
    readonly detail = '',
  ) {
    super(message);
    this.name = 'ProbeError';
  }
}
