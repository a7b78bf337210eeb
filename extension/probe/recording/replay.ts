/** A session with what was recorded in the place of a probe. */
import { fromOutside } from '../../common/outside';
import { Account } from '../account';
import { corrupt } from '../corrupt';
import { BatchDecoder, parseMessage } from '../decode';
import { limits } from '../limits';
import { decodeNotice, decodeStarted } from '../messages';
import { NoticeGate, noticeLimits } from '../notice-gate';
import {
  ProbeError,
  type Hello,
  type MasterProcess,
  type Notice,
  type ProbeEvents,
  type ProbeSession,
  type Started,
  type TakeHeapOptions,
} from '../session';
import { heapTooLarge } from '../requests';
import type { Recorded } from './contract';
import { Kind, readMark } from './format';
import { readOpening, startOptions, type Opening } from './opening';
import { eachRecord, type VisitRecord } from './reader';
import { Upgrade } from './upgrade';

/** Hears which part of the file has been read, 0 to 1. */
export type OnProgress = (part: number) => void;

export class ReplaySession implements ProbeSession {
  readonly restriction = '';
  readonly account = new Account();
  private events: Partial<ProbeEvents> = {};

  private constructor(
    /** The file. */
    readonly file: Uint8Array,
    private readonly opening: Opening,
  ) {}

  /** Throws ProbeError 'recording' where the file is none that can be read. */
  static async open(file: Uint8Array, onProgress?: OnProgress): Promise<ReplaySession> {
    return new ReplaySession(file, await readOpening(file, onProgress));
  }

  get hello(): Hello {
    return this.opening.hello;
  }

  get recorded(): Recorded {
    return this.opening.recorded;
  }

  listen(events: Partial<ProbeEvents>): void {
    this.events = events;
  }

  /** Records nothing: the file is there. */
  record(): void {}

  async list(): Promise<MasterProcess[]> {
    return [...this.recorded.masters];
  }

  async start(): Promise<Started> {
    const { started } = this.opening;
    return started ?? { sampler: 'none', pids: [], startUnixMs: this.recorded.startUnixMs };
  }

  /**
   * Tells the listener all that was recorded, in order and then that it is over: with a ProbeError
   * 'recording' where there is something to know of its end. Never throws.
   */
  async play(onProgress?: OnProgress): Promise<void> {
    const player = new Player(this.events, this.account);
    const take: VisitRecord = (kind, payload) => player.take(kind, payload);
    const damage = await eachRecord(this.file, take, onProgress);
    player.finish();
    const ending = [damageText(damage, player.ended), player.ending].filter((text) => text !== '');
    const error =
      ending.length > 0 ? new ProbeError('recording', ending.join(' '), damage) : undefined;
    this.events.closed?.(error);
  }

  async stop(): Promise<void> {}

  async setRate(): Promise<void> {
    throw notRecorded('The rate cannot be changed any more.');
  }

  async watch(): Promise<void> {
    throw notRecorded('It shows only what was watched at that time.');
  }

  async readFile(_pid: number, path: string): Promise<never> {
    throw notRecorded(`${path} is not in it. Open the workspace that has this file.`);
  }

  /** Hands on the snapshot that `recorded` names, or the last one of that process. */
  async takeHeap(
    { pid, recorded, signal }: TakeHeapOptions,
    piece: (bytes: Uint8Array) => void,
  ): Promise<void> {
    const last = this.recorded.heaps.map((each) => each.pid).lastIndexOf(pid);
    const wanted = recorded ?? last;
    if (this.recorded.heaps[wanted] === undefined) {
      throw notRecorded(`It has no heap snapshot of worker ${pid}.`);
    }
    let pieces: Uint8Array[] = [];
    let bytes = 0;
    let begun = false;
    let whole = 0;
    await eachRecord(this.file, (kind, payload) => {
      signal.throwIfAborted();
      if (kind === Kind.heap && whole === wanted) {
        bytes += payload.length;
        if (bytes > limits.heapBytes) return false;
        pieces.push(payload);
      }
      if (kind !== Kind.mark) return true;
      const { event } = readMark(payload);
      if (event === 'heap-end' && begun) whole++;
      if (whole > wanted) return false;
      if (event === 'heap') [pieces, bytes] = [[], 0];
      if (event === 'heap' || event === 'heap-end') begun = event === 'heap';
      return true;
    });
    signal.throwIfAborted();
    if (bytes > limits.heapBytes) throw heapTooLarge();
    for (const each of pieces) piece(each);
  }

  async close(): Promise<void> {}
}

/** Of a whole recording, which is played at once: time stands still. */
const gateLimits = { ...noticeLimits, notices: 1000, chars: 16 * 1024 * 1024 };

class Player {
  private batches: BatchDecoder;
  private upgrade: Upgrade | undefined;
  private runs = 0;
  private readonly gate = new NoticeGate(
    (text) => this.left(text),
    gateLimits,
    () => 0,
  );
  /** Why the capture had ended. */
  ending = '';
  ended = false;

  constructor(
    private readonly events: Partial<ProbeEvents>,
    private readonly account: Account,
  ) {
    this.batches = new BatchDecoder(account);
  }

  /** False: there is no room for more. */
  take(kind: number, payload: Uint8Array): boolean {
    try {
      this.play(kind, payload);
      return true;
    } catch (error) {
      if (!(error instanceof ProbeError) || error.kind !== 'full') throw error;
      this.ended = true;
      this.ending =
        'The recording holds more than one capture may take in memory: it is shown up to there, and ' +
        'what came after is missing. Record for a shorter time, or at a lower rate, to see all.';
      return false;
    }
  }

  private play(kind: number, payload: Uint8Array): void {
    switch (kind) {
      case Kind.heard:
        return this.heard(payload);
      case Kind.mark: {
        const mark = readMark(payload);
        if (mark.event === 'reset') this.events.reset?.();
        if (mark.event !== 'end') return;
        this.ended = true;
        this.ending = mark.text;
        return;
      }
      case Kind.said:
        return void startOptions(payload);
      case Kind.header:
      case Kind.heap:
        return;
      default:
        throw corrupt(`recording: a record of the unknown kind ${kind}`);
    }
  }

  /** It has heard all. */
  finish(): void {
    this.gate.turn();
  }

  private notice(sent: Notice): void {
    const notice = this.gate.notice(sent);
    if (notice) this.events.notice?.(notice);
  }

  private left(text: string): void {
    this.events.notice?.({
      kind: 'other',
      pid: 0,
      text: fromOutside(text),
      detail: fromOutside(''),
    });
  }

  private heard(payload: Uint8Array): void {
    const message = parseMessage(payload);
    switch (message.case) {
      case 'hello':
        // Another probe: its dictionaries begin empty.
        this.batches = new BatchDecoder(this.account);
        this.upgrade = message.value.protocol < 2 ? new Upgrade() : undefined;
        return;
      case 'listing':
        return;
      case 'started':
        this.batches.started();
        if (this.runs++ > 0) this.events.again?.(decodeStarted(message.value));
        return;
      case 'batch': {
        this.upgrade?.apply(message.value);
        const { batch, health } = this.batches.decode(message.value);
        this.events.batch?.(batch);
        if (health) this.events.health?.(health);
        return;
      }
      case 'notice':
        return this.notice(decodeNotice(message.value));
      default:
        throw corrupt(`recording: ${message.case} in it`);
    }
  }
}

function damageText(damage: string, ended: boolean): string {
  if (damage !== '') {
    return 'The file is damaged: it is shown up to that place, and what came after it is missing.';
  }
  return ended ? '' : 'The file was cut: it is shown up to there, and what came after is missing.';
}

function notRecorded(text: string): ProbeError {
  return new ProbeError('recording', `This is a recording. ${text}`);
}
