/** The formats that other tools read. */
export { foldedLines } from './folded';
export { toPprof } from './pprof';
export type { ProfileSnapshot } from './snapshot';
export { toSpeedscope } from './speedscope';
