/** Reads what a file says of itself, without its samples. */
import { rawText } from '../../common/outside';
import { fromBinary } from '@bufbuild/protobuf';
import { atMost, corrupt } from '../corrupt';
import { parseMessage } from '../decode';
import * as wire from '../generated/acupoint_pb';
import { limits, PROTOCOL } from '../limits';
import { decodeHello, decodeListing, decodeStarted } from '../messages';
import { ProbeError, type Hello, type StartOptions, type Started } from '../session';
import type { Recorded } from './contract';
import { Kind, readHeader, readMark, type Header, type Mark } from './format';
import { eachRecord, newerRecording } from './reader';
import { messageOf } from '../../common/errors';

/** First byte of a FromProbe message that holds a batch: those are for the one who plays. */
const BATCH_TAG = 0x12;
const MOST_HEAPS = 10_000;

export interface Opening {
  readonly recorded: Recorded;
  readonly hello: Hello;
  /** Of the first run; undefined: nothing was sampled. */
  readonly started: Started | undefined;
}

/** Throws ProbeError 'recording' where it is no recording that can be read. */
export async function readOpening(
  file: Uint8Array,
  onProgress?: (part: number) => void,
): Promise<Opening> {
  const found = new Finder();
  await eachRecord(file, (kind, payload) => found.take(kind, payload), onProgress);
  return found.opening();
}

class Finder {
  private header: Header | undefined;
  private hello: Hello | undefined;
  /** The newest of its probes. */
  private protocol = 0;
  private listing: wire.Listing | undefined;
  private options: StartOptions | undefined;
  private started: Started | undefined;
  private readonly heaps: { pid: number; takenUnixMs: number }[] = [];
  private heap: Extract<Mark, { event: 'heap' }> | undefined;

  take(kind: number, payload: Uint8Array): void {
    if (this.header === undefined) {
      if (kind !== Kind.header) throw corrupt('recording: no header');
      this.header = readHeader(payload);
    } else if (kind === Kind.heard) {
      if (payload[0] !== BATCH_TAG) this.heard(parseMessage(payload));
    } else if (kind === Kind.said) {
      this.options ??= startOptions(payload);
    } else if (kind === Kind.mark) {
      this.marked(readMark(payload));
    }
  }

  opening(): Opening {
    const { header, hello, heaps, started } = this;
    if (this.protocol > PROTOCOL) throw newerRecording('protocol', this.protocol, PROTOCOL);
    if (header === undefined || hello === undefined) {
      throw new ProbeError(
        'recording',
        'This recording is damaged at its very beginning, so that nothing of it can be shown. ' +
          'Get the file again from where it was made.',
      );
    }
    const options = this.options ?? heapAlone(heaps[0]?.pid ?? 0);
    const masters = this.listing === undefined ? [] : decodeListing(this.listing);
    const startUnixMs = started?.startUnixMs ?? heaps[0]?.takenUnixMs ?? header.savedUnixMs;
    return { recorded: { ...header, startUnixMs, options, masters, heaps }, hello, started };
  }

  private heard(message: wire.FromProbe['message']): void {
    if (message.case === 'hello') this.greeted(message.value);
    else if (message.case === 'listing') this.listing ??= message.value;
    else if (message.case === 'started') this.started ??= decodeStarted(message.value);
  }

  private greeted(hello: wire.Hello): void {
    this.protocol = Math.max(this.protocol, hello.protocol);
    this.hello ??= decodeHello(hello);
  }

  private marked(mark: Mark): void {
    if (mark.event === 'heap') this.heap = mark;
    if (mark.event !== 'heap-end' || this.heap === undefined) return;
    this.heaps.push({ pid: this.heap.pid, takenUnixMs: this.heap.at });
    atMost(this.heaps.length, MOST_HEAPS, 'recording heaps');
    this.heap = undefined;
  }
}

function heapAlone(pid: number): StartOptions {
  return { target: { pid }, rateHz: 0, budgetPercent: 0, requestLabels: false };
}

/** Throws ProbeError 'corrupt-stream' for what is no command to start. */
export function startOptions(payload: Uint8Array): StartOptions {
  atMost(payload.length, limits.textChars, 'recording start');
  let command: wire.ToProbe['command'];
  try {
    ({ command } = fromBinary(wire.ToProbeSchema, payload, { readUnknownFields: false }));
  } catch (error) {
    throw corrupt(`recording start: ${rawText(messageOf(error))}`);
  }
  if (command.case !== 'start') throw corrupt(`recording: ${command.case} was said`);
  const { target, rateHz, budget, requestLabels } = command.value;
  if (target.case === undefined) throw corrupt('recording start: no target');
  return {
    target: target.case === 'pid' ? { pid: target.value } : { master: target.value },
    rateHz,
    budgetPercent: budget / 100,
    requestLabels,
  };
}
