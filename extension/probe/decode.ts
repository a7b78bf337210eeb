import { rawText } from '../common/outside';
import { fromBinary } from '@bufbuild/protobuf';
import type { ProfileBatch } from '../profile/frames';
import { MOST_POINTS } from '../profile/points';
import type { PointRows, StackRows, TableRows } from '../profile/rows';
import { Account } from './account';
import { takeCensus } from './census';
import { atMost, corrupt, countOf } from './corrupt';
import { Dictionary } from './dictionary';
import * as wire from './generated/acupoint_pb';
import { decodeHealth } from './health';
import { limits } from './limits';
import { pointRows } from './point-rows';
import { SeriesTable } from './series';
import type { Health } from './session';
import { messageOf } from '../common/errors';
import { stackRows } from './stack-rows';
import { TableCharges } from './table-charges';
import { tableRows } from './table-rows';

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
  private readonly series: SeriesTable;
  private readonly charges: TableCharges;
  private sequence = 0;
  private timeUs = 0;

  constructor(private readonly account = new Account()) {
    this.dictionary = new Dictionary(account);
    this.series = new SeriesTable(account);
    this.charges = new TableCharges(account);
  }

  /** Times count from each Started; dictionaries and the sequence go on. */
  started(): void {
    this.timeUs = 0;
  }

  /** Throws ProbeError 'corrupt-stream', or 'full'. */
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
    const series = this.series.add(batch.series);
    this.account.keepRows('batch', 1);
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
        series,
        stacks: this.stacks(batch),
        tables: this.tables(batch),
        points: this.points(batch),
      },
      health: this.health(batch),
    };
  }

  private stacks(batch: wire.Batch): StackRows[] {
    return this.series.eachOf('stacks', batch.stacks, (info, rows) => {
      const decoded = stackRows(info, rows, this.series, this.dictionary);
      this.account.keepRows(rows.values.length > 0 ? 'valuedRow' : 'row', rows.stacks.length);
      return decoded;
    });
  }

  private tables(batch: wire.Batch): TableRows[] {
    return this.series.eachOf('tables', batch.tables, (info, rows) => {
      const decoded = tableRows(info, rows, this.dictionary);
      this.charges.add(this.timeUs, rows, (row) => charsOf(decoded, row, info.keys.length));
      return decoded;
    });
  }

  private points(batch: wire.Batch): PointRows[] {
    return this.series.eachOf('points', batch.points, (info, rows) => {
      const decoded = pointRows(info, rows, this.dictionary);
      this.account.keepLatest('point', info.name, rows.pids.length, MOST_POINTS);
      return decoded;
    });
  }

  private health(batch: wire.Batch): Health | undefined {
    const health = decodeHealth(batch);
    this.account.keepRows('instrument', batch.instruments.length);
    return health;
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

function charsOf({ keys }: TableRows, row: number, width: number): number {
  const own = keys.slice(row * width, (row + 1) * width);
  return own.reduce<number>((sum, key) => sum + String(key).length, 0);
}
