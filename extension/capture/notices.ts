/** Says which of a probe's news is for whom. */
import type { Notice, NoticeKind, ProbeErrorKind } from '../probe/session';

export interface CaptureNotice extends Notice {
  /** Unix milliseconds. */
  readonly at: number;
}

/** Ends that the user is to see as an end, not as a failure of the tracer. */
export const endings: readonly ProbeErrorKind[] = ['targets-gone', 'recording', 'full'];

/**
 * A VM that was found is how it should be, and the rate in force is in the health: neither must
 * stand in the panel for good.
 */
export const shownElsewhere: readonly NoticeKind[] = [
  'vm-found',
  'rate-lowered',
  'rate-restored',
  'samples-weighed',
];
