/** Sizes and phases as people read them. */
import { format } from 'd3';
import type { GcPhase } from '../../../extension/profile/memory';

const MEBIBYTE = 2 ** 20;
const two = format(',.2f');
const one = format(',.1f');
const whole = format(',.0f');

/** In MiB: "12.3" */
export function mebibytes(bytes: number): string {
  const value = bytes / MEBIBYTE;
  return value < 10 ? two(value) : value < 1000 ? one(value) : whole(value);
}

/** "12.3 MiB" */
export function size(bytes: number): string {
  return `${mebibytes(bytes)} MiB`;
}

export const PHASE_WORDS: Record<GcPhase, string> = {
  pause: 'resting',
  propagate: 'marking',
  atomic: 'marking, last step',
  'sweep strings': 'sweeping strings',
  sweep: 'sweeping',
  finalize: 'finalizing',
  unknown: 'unknown',
};
