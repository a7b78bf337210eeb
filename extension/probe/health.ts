/** What a trace costs and loses, and what its workers' memory is, as the probe says. */
import { amountOf, atMost, countOf, nameOf, textOf } from './corrupt';
import type * as wire from './generated/acupoint_pb';
import { limits } from './limits';
import { decodeMemory, decodeZones } from './memory';
import type { AllocationBursts, Health, RateLimit, RequestScope } from './session';

/** In the order of the enums in acupoint.proto. */
const SCOPES: readonly RequestScope[] = ['none', 'workers', 'master'];
const RATE_LIMITS: readonly RateLimit[] = ['none', 'sampler', 'budget'];
/** undefined: the batch has none. */
export function decodeHealth({ health, memory, zones, bursts }: wire.Batch): Health | undefined {
  if (health === undefined) return undefined;
  atMost(memory.length, limits.memory, 'memory');
  atMost(health.pids.length, limits.pids, 'health pids');
  return {
    probeCpuPercent: amountOf(health.probeCpuPercent, 'health CPU'),
    kernelCpuPercent: amountOf(health.kernelCpuPercent, 'health kernel CPU'),
    rssBytes: countOf(health.rssBytes, 'health RSS'),
    samples: countOf(health.samples, 'health samples'),
    lost: countOf(health.lost, 'health lost'),
    truncated: countOf(health.truncated, 'health truncated'),
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
    rateLimit: nameOf(RATE_LIMITS, health.rateLimit, 'health rate limit'),
    stoppedPercent: amountOf(health.stoppedPercent, 'health stopped'),
    ...(bursts && { bursts: decodeBursts(bursts) }),
  };
}

function decodeBursts(bursts: wire.AllocationBursts): AllocationBursts {
  return {
    on: bursts.on,
    watchedUs: countOf(bursts.watchedUs, 'bursts watched'),
    elapsedUs: countOf(bursts.elapsedUs, 'bursts elapsed'),
    allocations: countOf(bursts.allocations, 'bursts allocations'),
    bytes: countOf(bursts.bytes, 'bursts bytes'),
    lostBytes: countOf(bursts.lostBytes, 'bursts lost'),
    requests: countOf(bursts.requests, 'bursts requests'),
    requestScope: nameOf(SCOPES, bursts.requestScope, 'bursts request scope'),
    costPercent: amountOf(bursts.costPercent, 'bursts cost'),
    missing: textOf(bursts.missing, 'bursts missing'),
  };
}
