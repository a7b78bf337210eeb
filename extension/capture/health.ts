/** The probe's counts go on from its start; the user's begin anew at each reset. */
import type { Health } from '../probe';

export const noHealth: Health = {
  probeCpuPercent: 0,
  kernelCpuPercent: 0,
  rssBytes: 0,
  samples: 0,
  lost: 0,
  truncated: 0,
  rateHz: 0,
  pids: [],
  memory: [],
  zones: undefined,
  luaSamples: 0,
  luaExact: 0,
  luaFunction: 0,
  luaTraceRoot: 0,
  luaUnknown: 0,
  requestSamples: 0,
  otherRequests: 0,
  handledRequests: 0,
  requestScope: 'none',
  requestsMissing: '',
  nativeSamples: 0,
  nativeComplete: 0,
  nativeTruncated: 0,
  rateLimit: 'none',
  stoppedPercent: 0,
};

const counts = [
  'samples',
  'lost',
  'truncated',
  'luaSamples',
  'luaExact',
  'luaFunction',
  'luaTraceRoot',
  'luaUnknown',
  'requestSamples',
  'otherRequests',
  'handledRequests',
  'nativeSamples',
  'nativeComplete',
  'nativeTruncated',
] as const satisfies readonly (keyof Health)[];

/** `now` with its counts taken from `base` on; the rest as it is. */
export function healthSince(now: Health, base: Health): Health {
  const since = Object.fromEntries(counts.map((key) => [key, Math.max(0, now[key] - base[key])]));
  return { ...now, ...since };
}

/** The base for a probe that was started anew, so that the counts go on from those of the last. */
export function baseAfter(last: Health, base: Health): Health {
  return { ...base, ...Object.fromEntries(counts.map((key) => [key, base[key] - last[key]])) };
}
