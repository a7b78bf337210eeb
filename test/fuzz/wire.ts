/**
 * Fuzzes the client of a probe. An input is one message that was changed, given to a client that
 * lives: it has said hello, was asked for some things, and has heard some messages of a session,
 * whose dictionaries refer to each other and whose file and heap snapshot are half way. Messages
 * that are given as they should be, to come there, are not counted. A client goes on with the next
 * input unless this one ended it, as most wrong ones must. A fault in an uncounted message is
 * reported of the input before; `--first` with its number meets it again.
 *
 * The bytes go to the handler of the stream's data, and from there all is the product's: framing,
 * census, protobuf, checks, dictionaries, answers, account and the store behind.
 */
import { EventEmitter } from 'node:events';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Account } from '../../extension/probe/account';
import { ProbeClient } from '../../extension/probe/client';
import { frame } from '../../extension/probe/framing';
import * as wire from '../../extension/probe/generated/acupoint_pb';
import { silentLog } from '../../extension/common/log';
import type { ExitStatus, RemoteProcess } from '../../extension/remote/transport';
import * as dialogue from '../unit/probe/recording/dialogue';
import { encode } from '../unit/probe/scripted-probe';
import { changedMessage, messageOf, type Message } from './fields';
import { mutated, type Random } from './mutate';
import { allowed, ask, bounded, Listeners, MOST_ASKED, never, type Target } from './reading';

const SEEDS = 64;
const GROUP = 64;
/** Of batches: small ones have the same places to go wrong at. */
const SIZE = 0.3;
/** The client's numbers: its first ping has 1. */
const REQUEST = { file: 2, heap: 3, list: 4, start: 5, rate: 6, stop: 7 } as const;

const hello = dialogue.hello();

interface Dialogue {
  /** Of how many things the probe was asked, which have the numbers from REQUEST.file on. */
  readonly asked: number;
  readonly messages: readonly { readonly bytes: Uint8Array; readonly parts: Message }[];
}

/** Short sessions of all kinds of messages: a reader is in most of its states within them. */
const dialogues: readonly Dialogue[] = Array.from({ length: SEEDS }, (_, seed) => {
  const random = dialogue.randomOf(seed);
  const run = new dialogue.Run(random, SIZE);
  const asked = [0, 2, 0, MOST_ASKED][seed % 4]!;
  // An answer that was not asked for seems to come late.
  const to = (request: number) => (request < REQUEST.file + asked ? request : 1);
  const bytes = new Uint8Array(1 + random(40)).fill(seed);
  const file = (done: boolean) =>
    encode({ case: 'file', value: { request: to(REQUEST.file), chunk: bytes, done } });
  const heap = (done: boolean) =>
    encode({ case: 'heap', value: { request: to(REQUEST.heap), piece: bytes, done } });
  const early = [heap(false), file(false), run.batch()];
  const messages = [
    ...early,
    answer(dialogue.listing(), to(REQUEST.list)),
    answer(dialogue.started(1_700_000_000_000), to(REQUEST.start)),
    run.batch(),
    dialogue.notice(`notice ${seed}`),
    run.batch(),
    encode({ case: 'pong', value: { request: to(REQUEST.rate) } }),
    heap(true),
    encode({ case: 'failure', value: { request: 1 + random(8), kind: random(9), text: 'no' } }),
    run.batch(),
    file(true),
    encode({ case: 'stopped', value: { request: to(REQUEST.stop) } }),
    run.batch(),
  ];
  return { asked, messages: messages.map((each) => ({ bytes: each, parts: messageOf(each) })) };
});

/** The same message, as an answer to that request. */
function answer(bytes: Uint8Array, request: number): Uint8Array {
  const { message } = fromBinary(wire.FromProbeSchema, bytes);
  if (message.case === 'listing' || message.case === 'started') message.value.request = request;
  return toBinary(wire.FromProbeSchema, create(wire.FromProbeSchema, { message }));
}

/** Streams that hold nothing up: what is said is heard at once. */
class NearProcess implements RemoteProcess {
  readonly stdin = {
    on: () => undefined,
    write: () => true,
    end: () => this.kill(),
  } as unknown as NodeJS.WritableStream;
  readonly stdout = new EventEmitter() as unknown as NodeJS.ReadableStream;
  readonly stderr = { on: () => undefined } as unknown as NodeJS.ReadableStream;
  readonly exit: Promise<ExitStatus>;
  private over: (status: ExitStatus) => void = () => undefined;

  constructor() {
    this.exit = new Promise((resolve) => (this.over = resolve));
  }

  kill(): void {
    this.stdout.emit('end');
    this.over({ code: 0, signal: null });
  }
}

/** A client, and what it was given. */
class Session {
  readonly given: Uint8Array[] = [];
  /** Messages of its dialogue that came. */
  place = 0;
  over = false;
  private readonly process = new NearProcess();
  private readonly account = new Account();
  private client: ProbeClient | undefined;
  private asked: Promise<unknown>[] = [];

  constructor(readonly messages: Dialogue['messages']) {}

  async open(first: Uint8Array, asked: number, listeners: Listeners): Promise<void> {
    const { process, account } = this;
    const opening = ProbeClient.open(process, silentLog, never, '', account).catch(allowed);
    this.give(first);
    // A hello that did not come whole is waited for.
    if (first !== framedHello) process.kill();
    this.client = await opening;
    if (!this.client) return void (this.over = true);
    this.client.listen(listeners.of(() => (this.over = true)));
    this.asked = ask(this.client, asked);
  }

  give(bytes: Uint8Array): void {
    this.given.push(bytes);
    this.process.stdout.emit('data', bytes);
  }

  /** As the host ends it, or as the user does. */
  async end(byUser: boolean): Promise<void> {
    if (byUser) await this.client?.close();
    else this.process.kill();
    await Promise.all(this.asked);
    bounded(this.account);
  }
}

const framedHello = frame(hello);

export const wireTarget: Target = {
  group: GROUP,
  async read(random, at) {
    const listeners = new Listeners();
    let session: Session | undefined;
    for (let place = 0; place < GROUP; place++) {
      if (random(32) === 0) {
        const first = frame(mutated(hello, random));
        at(place, () => first);
        const greeted = new Session([]);
        await greeted.open(first, 1, listeners);
        await greeted.end(false);
        continue;
      }
      session ??= await opened(random, listeners);
      const { given } = session;
      const input = changed(session, random);
      at(place, () => Buffer.concat([...given, ...input.parts]));
      for (const part of input.parts) session.give(part);
      session.place++;
      if (!session.over && !input.cut && random(64) > 0) continue;
      await session.end(random(4) === 0);
      session = undefined;
    }
    await session?.end(false);
  },
};

/** At the beginning of its dialogue, or further on. */
async function opened(random: Random, listeners: Listeners): Promise<Session> {
  const { asked, messages } = dialogues[random(SEEDS)]!;
  const session = new Session(messages);
  await session.open(framedHello, asked, listeners);
  if (random(16) === 0) goOn(session, random(session.messages.length));
  return session;
}

/** Gives it the messages up to a place as they should be; those that it would not take are left. */
function goOn(session: Session, to: number): void {
  while (session.place < to && !session.over)
    session.give(frame(session.messages[session.place++]!.bytes));
}

function changed(session: Session, random: Random): { parts: Uint8Array[]; cut: boolean } {
  const { messages, place } = session;
  const other = messages[random(messages.length)]!;
  const next = random(8) === 0 ? other : (messages[place] ?? other);
  const byField = random(4) > 0;
  const message = byField ? changedMessage(next.parts, random) : mutated(next.bytes, random);
  const again = random(8) === 0 ? mutated(message, random) : message;
  const cut = random(16) === 0;
  const framed = cut ? mutated(frame(again), random) : frame(again);
  if (random(8) > 0) return { parts: [framed], cut };
  const middle = random(framed.length + 1);
  return { parts: [framed.subarray(0, middle), framed.subarray(middle)], cut };
}
