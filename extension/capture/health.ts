/** The probe's counts go on from its start; the user's begin again at each reset. */
import type { Health } from '../probe';

export const noHealth: Health = {
  probeCpuPercent: 0,
  kernelCpuPercent: 0,
  rssBytes: 0,
  samples: 0,
  lost: 0,
  truncated: 0,
  targetCpuUs: 0,
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
  walkEnds: [],
  rateLimit: 'none',
  stoppedPercent: 0,
  sampleWeight: 1,
  sampledCpuUs: 0,
  instruments: [],
};

const counts = [
  'samples',
  'lost',
  'truncated',
  'targetCpuUs',
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
  'sampledCpuUs',
] as const satisfies readonly (keyof Health)[];

/** `now` with its counts taken from `base` on; the rest as it is. */
export function healthSince(now: Health, base: Health): Health {
  const since = Object.fromEntries(counts.map((key) => [key, Math.max(0, now[key] - base[key])]));
  const walkEnds = less(now.walkEnds, base.walkEnds).map((count) => Math.max(0, count));
  return { ...now, ...since, walkEnds };
}

function less(counts: readonly number[], base: readonly number[]): number[] {
  const length = Math.max(counts.length, base.length);
  return Array.from({ length }, (_, at) => (counts[at] ?? 0) - (base[at] ?? 0));
}

/**
 * A health whose counts go on over runs of a probe, and begin again where samples are forgotten.
 */
export class HealthCounts {
  #latest = noHealth;
  #base = noHealth;
  /** Whether the probe that runs has told of its health. */
  heard = false;

  get now(): Health {
    return healthSince(this.#latest, this.#base);
  }

  heed(health: Health): void {
    this.#latest = health;
    this.heard = true;
  }

  /** The user has forgotten the samples so far. */
  forget(): void {
    this.#base = this.#latest;
  }

  /** The next probe counts from 0 again. */
  restart(): void {
    const left = counts.map((key) => [key, this.#base[key] - this.#latest[key]] as const);
    const walkEnds = less(this.#base.walkEnds, this.#latest.walkEnds);
    this.#base = { ...this.#base, ...Object.fromEntries(left), walkEnds };
    this.#latest = noHealth;
    this.heard = false;
  }
}
