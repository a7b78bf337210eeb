import { rawText } from '../common/outside';
import { fromBinary } from '@bufbuild/protobuf';
import type { ProfileBatch } from '../profile/frames';
import { Account } from './account';
import { allocationRows } from './allocations';
import { takeCensus } from './census';
import { atMost, corrupt, countOf } from './corrupt';
import { Dictionary } from './dictionary';
import * as wire from './generated/acupoint_pb';
import { decodeHealth } from './health';
import { limits } from './limits';
import type { Health } from './session';
import { messageOf } from '../common/errors';

/** The message as the generated code reads it. Throws ProbeError 'corrupt-stream'. */
export function parseMessage(bytes: Uint8Array): wire.FromProbe['message'] {
  takeCensus(bytes);
  let message: wire.FromProbe['message'];
  try {
    ({ message } = fromBinary(wire.FromProbeSchema, bytes, { readUnknownFields: false }));
  } catch (error) {
    throw corrupt(`message: ${rawText(messageOf(error))}`);
  }
  if (message.case === undefined) throw corrupt('message: empty, or of a kind that is not known');
  return message;
}

/**
 * Turns the batches of one session into those of the profile; all that they refer to is checked.
 */
export class BatchDecoder {
  private readonly dictionary: Dictionary;
  private sequence = 0;
  private timeUs = 0;

  constructor(private readonly account = new Account()) {
    this.dictionary = new Dictionary(account);
  }

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
    dictionary.checkRows(rowStacks, rowPids, rowLabels, rowRequests);
    const allocations = allocationRows(batch, dictionary);
    this.account.keepRows('batch', 1);
    this.account.keepRows('row', rows);
    this.account.keepRows('allocationRow', batch.allocStacks.length);
    if (batch.bursts) this.account.keepRows('bursts', 1);
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
        ...(allocations && { allocations }),
      },
      health: decodeHealth(batch),
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
