/** Numbers as people read them. */
import { format } from 'd3';

const oneDecimal = format(',.1f');
const whole = format(',.0f');

/** A share of a whole as a percentage; what is not nothing is never shown as 0. */
export function percent(part: number, whole_: number): string {
  if (whole_ <= 0 || part <= 0) return '0.0 %';
  const share = (100 * part) / whole_;
  return share < 0.05 ? '< 0.1 %' : `${oneDecimal(share)} %`;
}

/** On-CPU time from microseconds. */
export function duration(microseconds: number): string {
  if (microseconds <= 0) return '0 ms';
  if (microseconds < 1e6) return `${whole(Math.max(1, microseconds / 1e3))} ms`;
  if (microseconds < 60e6) return `${format(',.2f')(microseconds / 1e6)} s`;
  return `${whole(Math.floor(microseconds / 60e6))} min ${whole((microseconds % 60e6) / 1e6)} s`;
}

export function count(value: number, unit: string, units = `${unit}s`): string {
  return `${whole(value)} ${Math.round(value) === 1 ? unit : units}`;
}

export { oneDecimal, whole };
