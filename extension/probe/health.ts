/** Costs and losses of a trace, and its workers' memory, as the probe says. */
import { amountOf, atMost, countOf, nameOf, textOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { decodeInstruments, SCOPES } from './instruments';
import { limits } from './limits';
import { decodeMemory, decodeZones } from './memory';
import type { Health, RateLimit } from './session';

/** In the order of the enum in acupoint.proto. */
const RATE_LIMITS: readonly RateLimit[] = ['none', 'sampler', 'budget'];

/** undefined: the batch has none. */
export function decodeHealth(batch: wire.Batch): Health | undefined {
  const { health, memory, zones, instruments } = batch;
  if (health === undefined) return undefined;
  atMost(memory.length, limits.memory, 'memory');
  atMost(health.pids.length, limits.pids, 'health pids');
  atMost(health.walkEnds.length, limits.walkEnds, 'health walk ends');
  return {
    probeCpuPercent: amountOf(health.probeCpuPercent, 'health CPU'),
    kernelCpuPercent: amountOf(health.kernelCpuPercent, 'health kernel CPU'),
    rssBytes: countOf(health.rssBytes, 'health RSS'),
    samples: countOf(health.samples, 'health samples'),
    lost: countOf(health.lost, 'health lost'),
    truncated: countOf(health.truncated, 'health truncated'),
    targetCpuUs: countOf(health.targetCpuUs, 'health CPU of targets'),
    rateHz: health.rateHz,
    pids: health.pids,
    memory: memory.map(decodeMemory),
    zones: zones && decodeZones(zones),
    luaSamples: countOf(health.luaSamples, 'health Lua samples'),
    luaExact: countOf(health.luaExact, 'health exact'),
    luaFunction: countOf(health.luaFunction, 'health function only'),
    luaTraceRoot: countOf(health.luaTraceRoot, 'health trace root'),
    luaUnknown: countOf(health.luaUnknown, 'health unknown'),
    requestSamples: countOf(health.requestSamples, 'health request samples'),
    otherRequests: countOf(health.otherRequests, 'health other requests'),
    handledRequests: countOf(health.handledRequests, 'health requests'),
    requestScope: nameOf(SCOPES, health.requestScope, 'health request scope'),
    requestsMissing: textOf(health.requestsMissing, 'health requests missing'),
    nativeSamples: countOf(health.nativeSamples, 'health native samples'),
    nativeComplete: countOf(health.nativeComplete, 'health native complete'),
    nativeTruncated: countOf(health.nativeTruncated, 'health native truncated'),
    walkEnds: health.walkEnds.map((count) => countOf(count, 'health walk ends')),
    rateLimit: nameOf(RATE_LIMITS, health.rateLimit, 'health rate limit'),
    stoppedPercent: amountOf(health.stoppedPercent, 'health stopped'),
    // A probe of before does not say.
    sampleWeight: amountOf(health.sampleWeight, 'health sample weight') || 1,
    sampledCpuUs: countOf(health.sampledCpuUs, 'health sampled CPU'),
    instruments: decodeInstruments(instruments),
  };
}
