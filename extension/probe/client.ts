import { fromOutside, rawText } from '../common/outside';
import { create, toBinary } from '@bufbuild/protobuf';
import type { Log } from '../common/log';
import { patiently, type Patience } from '../remote/patience';
import type { ExitStatus, RemoteProcess } from '../remote/transport';
import { Account } from './account';
import { corrupt } from './corrupt';
import { BatchDecoder, parseMessage } from './decode';
import { cutOff, died, gone, noHello, protocolMismatch } from './endings';
import { frame, FrameReader } from './framing';
import * as wire from './generated/acupoint_pb';
import { PROTOCOL } from './limits';
import { Lifeline } from './lifeline';
import { Minutes } from './recording/minutes';
import type { Dialogue } from './recording/contract';
import { decodeFailure, decodeHello, decodeListing, decodeNotice, decodeStarted } from './messages';
import { NoticeGate } from './notice-gate';
import { Requests } from './requests';
import {
  ProbeError,
  type Hello,
  type MasterProcess,
  type Notice,
  type ProbeEvents,
  type ProbeSession,
  type StartOptions,
  type Started,
  type TakeHeapOptions,
  type TargetFile,
} from './session';
import { Tail } from './tail';

/** A busy host takes its time, for loading programs into its kernel above all. */
const ANSWER_MS = 60_000;
/** The longest that a heap snapshot is silent: copying the memory, before it is read. */
const HEAP_MS = 60_000;
/** How long a probe may take to end after its stdin was closed, and again after it was killed. */
const END_MS = 1500;
/** After the exit of the probe, the rest of its output may still be under way. */
const DRAIN_MS = 1000;
/** Notices that come before anybody listens are kept up to this number. */
const EARLY_NOTICES = 100;

type Command = NonNullable<wire.ToProbe['command']>;

/** A probe that runs, over the streams of its process. Made by {@link ProbeClient.open}. */
export class ProbeClient implements ProbeSession {
  private readonly reader = new FrameReader();
  private readonly batches: BatchDecoder;
  private readonly requests = new Requests();
  private readonly stderr = new Tail();
  private readonly minutes = new Minutes();
  private readonly lifeline: Lifeline;
  private readonly gate = new NoticeGate((text) => this.hear(otherNotice(text)));
  private readonly ended: Promise<void>;
  private readonly greeted: Promise<Hello>;
  private greet: (hello: Hello) => void = () => undefined;
  private refuse: (error: ProbeError) => void = () => undefined;
  private greeting: Hello | undefined;
  private events: Partial<ProbeEvents> = {};
  private early: Notice[] = [];
  private closing = false;
  /** Set once: why the session is over; null where it was asked to be. */
  private ending: ProbeError | null | undefined;

  private constructor(
    private readonly process: RemoteProcess,
    private readonly log: Log,
    readonly restriction: string,
    readonly account: Account,
  ) {
    this.batches = new BatchDecoder(account);
    this.greeted = new Promise((resolve, reject) => {
      this.greet = resolve;
      this.refuse = reject;
    });
    this.greeted.catch(() => undefined);
    this.lifeline = new Lifeline(
      () => this.send({ case: 'ping', value: create(wire.PingSchema) }, this.requests.unanswered()),
      () => this.fail(cutOff('nothing came from the probe for 10 s')),
    );
    process.stdin.on('error', (error: Error) => log.trace(`probe stdin: ${error.message}`));
    process.stderr.on('data', (chunk: Buffer) => {
      this.stderr.push(chunk);
      if (this.gate.lets('stderr', chunk.length)) {
        log.trace(`probe: ${chunk.toString('utf8').trimEnd()}`);
      }
    });
    const drained = new Promise<void>((resolve) => process.stdout.once('end', resolve));
    process.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    this.ended = this.awaitEnd(drained);
  }

  /**
   * Shakes hands with a probe that was just started. Throws ProbeError 'probe-died' or
   * 'connection-lost' when it ends before it said hello, 'corrupt-stream' when what comes is no
   * hello; the process is ended then.
   */
  static async open(
    process: RemoteProcess,
    log: Log,
    signal: AbortSignal,
    restriction = '',
    account = new Account(),
    patience: Patience = {},
  ): Promise<ProbeClient> {
    const client = new ProbeClient(process, log, restriction, account);
    const cancel = (): void => client.fail(new ProbeError('other', 'Attaching was cancelled.'));
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    try {
      await patiently(client.greeted, 'Waiting for the probe to answer', patience, noHello);
      return client;
    } catch (error) {
      client.fail(error instanceof ProbeError ? error : gone());
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  get hello(): Hello {
    if (!this.greeting) throw new ProbeError('other', 'The probe has not said hello yet.');
    return this.greeting;
  }

  record(into: Dialogue): void {
    this.minutes.record(into);
  }

  listen(events: Partial<ProbeEvents>): void {
    this.events = events;
    const { early } = this;
    this.early = [];
    for (const notice of early) this.tell('notice', notice);
    if (this.ending !== undefined) this.tell('closed', this.ending ?? undefined);
  }

  async list(): Promise<MasterProcess[]> {
    const { id, answer } = this.requests.open('listing', 'list the workers', ANSWER_MS);
    this.ask({ case: 'list', value: create(wire.ListProcessesSchema) }, id);
    return decodeListing(await answer);
  }

  async start(options: StartOptions): Promise<Started> {
    const { target, rateHz, budgetPercent, requestLabels } = options;
    const { id, answer } = this.requests.open('started', 'start sampling', ANSWER_MS);
    const value = create(wire.StartSchema, {
      target:
        'pid' in target
          ? { case: 'pid', value: target.pid }
          : { case: 'master', value: target.master },
      rateHz,
      budget: Math.round(budgetPercent * 100),
      requestLabels,
    });
    this.minutes.starts(value);
    this.ask({ case: 'start', value }, id);
    return decodeStarted(await answer);
  }

  async stop(): Promise<void> {
    const { id, answer } = this.requests.open('stopped', 'stop sampling', ANSWER_MS);
    this.ask({ case: 'stop', value: create(wire.StopSchema) }, id);
    await answer;
  }

  async setRate(rateHz: number): Promise<void> {
    const value = create(wire.SetRateSchema, { rateHz });
    await this.tellProbe({ case: 'setRate', value }, 'change the rate');
  }

  async watch(instrument: string, on: boolean): Promise<void> {
    const value = create(wire.WatchSchema, { instrument, on });
    const what = `${on ? 'watch' : 'no longer watch'} ${instrument}`;
    await this.tellProbe({ case: 'watch', value }, what);
  }

  async readFile(pid: number, path: string): Promise<TargetFile> {
    const { id, answer } = this.requests.openFile(`read ${path}`, ANSWER_MS);
    this.ask({ case: 'readFile', value: create(wire.ReadFileSchema, { pid, path }) }, id);
    return answer;
  }

  async takeHeap(
    { pid, maxPauseMs, signal }: TakeHeapOptions,
    piece: (bytes: Uint8Array) => void,
  ): Promise<void> {
    signal.throwIfAborted();
    const { id, answer } = this.requests.openHeap('take a heap snapshot', HEAP_MS, piece);
    this.ask({ case: 'takeHeap', value: create(wire.TakeHeapSchema, { pid, maxPauseMs }) }, id);
    const cancel = () =>
      this.ask(
        { case: 'cancelHeap', value: create(wire.CancelHeapSchema) },
        this.requests.unanswered(),
      );
    signal.addEventListener('abort', cancel);
    try {
      await answer;
    } catch (error) {
      if (this.ending === undefined) cancel();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async close(): Promise<void> {
    this.closing = true;
    this.lifeline.stop();
    this.process.stdin.end();
    if (!(await within(END_MS, this.ended))) {
      this.process.kill();
      if (!(await within(END_MS, this.ended))) this.finish(undefined);
    }
  }

  /**
   * For commands without an answer but a failure: the answer to the ping behind it says that none
   * comes.
   */
  private async tellProbe(command: Command, what: string): Promise<void> {
    const { id, answer } = this.requests.open('pong', what, ANSWER_MS);
    this.ask(command, id);
    this.ask({ case: 'ping', value: create(wire.PingSchema) }, id);
    await answer;
  }

  private receive(chunk: Buffer): void {
    if (this.ending !== undefined) return;
    try {
      this.reader.push(chunk, (bytes) => {
        if (this.ending !== undefined) return;
        const message = parseMessage(bytes);
        if (this.take(message)) this.minutes.heard(message, bytes);
        this.lifeline.heard();
      });
    } catch (error) {
      this.fail(error instanceof ProbeError ? error : corrupt(String(error)));
    }
  }

  /** False for what was left out, and is not recorded either. */
  private take(message: wire.FromProbe['message']): boolean {
    if (!this.greeting) {
      this.takeHello(message);
      return true;
    }
    switch (message.case) {
      case 'batch':
        this.takeBatch(message.value);
        return true;
      case 'notice':
        return this.takeNotice(decodeNotice(message.value));
      case 'failure': {
        const error = decodeFailure(message.value);
        const text = `probe failure: ${error.message} ${error.detail}`;
        if (this.gate.lets('failure', text.length)) this.log.warn(text);
        if (message.value.request === 0) this.fail(error);
        else this.requests.reject(message.value.request, error);
        return true;
      }
      case 'started':
        // Before the promise resolves: batches of the new start may follow in the same chunk.
        this.batches.started();
        this.requests.settle('started', message.value);
        return true;
      case 'listing':
      case 'stopped':
      case 'file':
      case 'heap':
      case 'pong':
        this.requests.settle(message.case, message.value);
        return true;
      case 'hello':
      case undefined:
        throw corrupt('hello: a second one');
    }
  }

  private takeHello(message: wire.FromProbe['message']): void {
    if (message.case === 'failure') return this.fail(decodeFailure(message.value));
    if (message.case !== 'hello') throw corrupt(`hello: ${message.case} came before it`);
    if (message.value.protocol !== PROTOCOL) {
      return this.fail(protocolMismatch(message.value.protocol, PROTOCOL));
    }
    this.greeting = decodeHello(message.value);
    this.lifeline.start();
    this.greet(this.greeting);
  }

  private takeBatch(wireBatch: wire.Batch): void {
    const { batch, health } = this.batches.decode(wireBatch);
    this.tell('batch', batch);
    if (health) this.tell('health', health);
  }

  /** False: there were too many of them. */
  private takeNotice(sent: Notice): boolean {
    const notice = this.gate.notice(sent);
    if (notice) this.hear(notice);
    return notice !== undefined;
  }

  private hear(notice: Notice): void {
    const said = [notice.text, notice.detail].map(rawText).filter((text) => text !== '');
    this.log.info(`probe: ${said.join('\n')}`);
    if (this.events.notice) this.tell('notice', notice);
    else if (this.early.length < EARLY_NOTICES) this.early.push(notice);
  }

  /** An error that a listener throws is its own fault, and must not end the session. */
  private tell<K extends keyof ProbeEvents>(event: K, value: Parameters<ProbeEvents[K]>[0]): void {
    try {
      (this.events[event] as ((value: unknown) => void) | undefined)?.(value);
    } catch (error) {
      this.log.warn(`a listener of '${event}' failed: ${String(error)}`);
    }
  }

  private ask(command: Command, request: number): void {
    if (this.ending === undefined && !this.closing) this.send(command, request);
    else this.requests.reject(request, this.ending ?? gone());
  }

  private send(command: Command, request: number): void {
    const message = create(wire.ToProbeSchema, { request, command });
    this.process.stdin.write(frame(toBinary(wire.ToProbeSchema, message)));
  }

  private async awaitEnd(drained: Promise<void>): Promise<void> {
    const status = await this.process.exit;
    await within(DRAIN_MS, drained);
    this.finish(this.closing ? undefined : this.unexpected(status));
  }

  private unexpected({ code, signal }: ExitStatus): ProbeError {
    const cut = this.reader.inMessage ? 'a message was cut in its middle. ' : '';
    if (code === null && signal === null) return cutOff(cut + this.stderr.text);
    return died(code, signal, cut + this.stderr.text, this.lifeline.stoodStillMs);
  }

  /** The session cannot go on: ends the process as well. */
  private fail(error: ProbeError): void {
    if (this.ending !== undefined) return;
    this.finish(error);
    this.process.kill();
  }

  private finish(error: ProbeError | undefined): void {
    if (this.ending !== undefined) return;
    this.ending = error ?? null;
    this.lifeline.stop();
    this.gate.turn();
    if (error) this.log.warn(`probe session: ${error.message} ${error.detail}`);
    this.refuse(error ?? gone());
    this.requests.rejectAll(error ?? gone());
    this.tell('closed', error);
  }
}

function otherNotice(text: string): Notice {
  return { kind: 'other', pid: 0, text: fromOutside(text), detail: fromOutside('') };
}

/** True when it settled in time. */
async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
