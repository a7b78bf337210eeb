import { fromBinary } from '@bufbuild/protobuf';
import type { ProfileBatch } from '../profile/frames';
import { takeCensus } from './census';
import { amountOf, atMost, corrupt, countOf, nameOf, textOf } from './corrupt';
import { Dictionary } from './dictionary';
import * as wire from './generated/acupoint_pb';
import { limits } from './limits';
import { decodeMemory, decodeZones } from './memory';
import type { Health, RateLimit, RequestScope } from './session';

/** In the order of the enums in acupoint.proto. */
const SCOPES: readonly RequestScope[] = ['none', 'workers', 'master'];
const RATE_LIMITS: readonly RateLimit[] = ['none', 'sampler', 'budget'];

/** The message as the generated code reads it. Throws ProbeError 'corrupt-stream'. */
export function parseMessage(bytes: Uint8Array): wire.FromProbe['message'] {
  takeCensus(bytes);
  let message: wire.FromProbe['message'];
  try {
    ({ message } = fromBinary(wire.FromProbeSchema, bytes, { readUnknownFields: false }));
  } catch (error) {
    throw corrupt(`message: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (message.case === undefined) throw corrupt('message: empty, or of a kind that is not known');
  return message;
}

/**
 * Turns the batches of one session into those of the profile; all that they refer to is checked.
 */
export class BatchDecoder {
  private readonly dictionary = new Dictionary();
  private sequence = 0;
  private timeUs = 0;

  /** Times count from each Started; dictionaries and the sequence go on. */
  started(): void {
    this.timeUs = 0;
  }

  decode(batch: wire.Batch): { batch: ProfileBatch; health: Health | undefined } {
    this.checkOrder(batch);
    const { dictionary } = this;
    dictionary.addStrings(batch.strings);
    const functions = dictionary.addFunctions(batch.functions);
    const frames = dictionary.addFrames(batch.frames);
    dictionary.addStacks(batch.stackParents, batch.stackFrames);
    const labels = dictionary.addLabels(batch.labels);
    const requests = dictionary.addRequests(batch.requests);
    const modules = dictionary.modules(batch.modules);
    const { rowStacks, rowPids, rowLabels, rowCounts, rowRequests } = batch;
    const rows = rowStacks.length;
    if (rowPids.length !== rows || rowLabels.length !== rows || rowCounts.length !== rows) {
      throw corrupt(
        `rows: columns of ${rows}, ${rowPids.length}, ${rowLabels.length}, ${rowCounts.length}`,
      );
    }
    if (rowRequests.length !== 0 && rowRequests.length !== rows) {
      throw corrupt(`rows: ${rows}, and ${rowRequests.length} requests of them`);
    }
    dictionary.checkRows(rowStacks, rowLabels, rowRequests);
    return {
      batch: {
        timeUs: this.timeUs,
        intervalUs: batch.intervalUs,
        functions,
        frames,
        stackParents: Uint32Array.from(batch.stackParents),
        stackFrames: Uint32Array.from(batch.stackFrames),
        labels,
        requests,
        modules,
        rowStacks: Uint32Array.from(rowStacks),
        rowPids: Uint32Array.from(rowPids),
        rowLabels: Uint32Array.from(rowLabels),
        rowRequests: Uint32Array.from(rowRequests),
        rowCounts: Uint32Array.from(rowCounts),
        periodUs: batch.periodUs,
      },
      health: batch.health && decodeHealth(batch.health, batch),
    };
  }

  private checkOrder(batch: wire.Batch): void {
    if (batch.sequence !== this.sequence + 1) {
      throw corrupt(`batch sequence: ${batch.sequence} after ${this.sequence}`);
    }
    this.sequence = batch.sequence;
    const timeUs = countOf(batch.timeUs, 'batch time');
    if (timeUs < this.timeUs) throw corrupt(`batch time: ${timeUs} after ${this.timeUs}`);
    this.timeUs = timeUs;
    atMost(batch.intervalUs, limits.intervalUs, 'batch interval');
  }
}

function decodeHealth(health: wire.Health, { memory, zones }: wire.Batch): Health {
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
  };
}
