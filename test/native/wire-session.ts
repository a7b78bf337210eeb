/** The other end of the wire, for tests: sends commands to a probe and waits for its messages. */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { sizeDelimitedDecodeStream, sizeDelimitedEncode } from '@bufbuild/protobuf/wire';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type FromProbe,
  FromProbeSchema,
  ToProbeSchema,
} from '../../extension/probe/generated/acupoint_pb';
import { patience } from '../fixtures/patience';
import { probeForAnyone, probePath } from './binary';

type Command = NonNullable<MessageInitShape<typeof ToProbeSchema>['command']>;
type Case = NonNullable<FromProbe['message']['case']>;
type Received = Extract<FromProbe['message'], { case: Case }>;
type ValueOf<C extends Case> = Extract<Received, { case: C }>['value'];

export class WireSession {
  readonly child: ChildProcessWithoutNullStreams;
  readonly received: Received[] = [];
  readonly exited: Promise<number | null>;
  bytes = 0;
  stderr = '';
  #request = 0;
  #arrived: (() => void)[] = [];

  constructor(
    options: {
      heartbeatLimit?: boolean;
      read?: boolean;
      as?: number;
      sampler?: 'bpf' | 'perf' | 'ptrace';
      /** A command that runs it: ['sudo', '-n']. */
      through?: readonly string[];
    } = {},
    binary = options.as === undefined ? probePath() : probeForAnyone(),
  ) {
    const args = options.heartbeatLimit ? ['serve'] : ['serve', '--no-heartbeat-limit'];
    if (options.sampler) args.push('--sampler', options.sampler);
    const identity = options.as === undefined ? {} : { uid: options.as, gid: options.as };
    const [command, ...rest] = [...(options.through ?? []), binary, ...args];
    this.child = spawn(command!, rest, { stdio: ['pipe', 'pipe', 'pipe'], ...identity });
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
    this.child.stdin.on('error', () => undefined);
    this.child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    if (options.read ?? true) void this.#read();
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The probe did not start.');
    return this.child.pid;
  }

  async #read(): Promise<void> {
    const counted = this.#count(this.child.stdout);
    for await (const message of sizeDelimitedDecodeStream(FromProbeSchema, counted)) {
      if (message.message.case !== undefined) this.received.push(message.message);
      for (const wake of this.#arrived.splice(0)) wake();
    }
    for (const wake of this.#arrived.splice(0)) wake();
  }

  async *#count(stream: AsyncIterable<Buffer>): AsyncIterable<Uint8Array> {
    for await (const chunk of stream) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  /** Sends a command; the number of the request. */
  send(command: Command): number {
    const request = ++this.#request;
    this.child.stdin.write(
      sizeDelimitedEncode(ToProbeSchema, create(ToProbeSchema, { request, command })),
    );
    return request;
  }

  /** The first message of a kind from `after` on that fits; fails after 10 s, times the patience with this machine. */
  async next<C extends Case>(
    kind: C,
    fits: (value: ValueOf<C>) => boolean = () => true,
    after = 0,
  ): Promise<ValueOf<C>> {
    const message = await this.#nextOf([kind], after, ({ value }) => fits(value as ValueOf<C>));
    return message.value as ValueOf<C>;
  }

  async #nextOf(
    kinds: readonly Case[],
    after: number,
    fits: (message: Received) => boolean,
  ): Promise<Received> {
    const deadline = performance.now() + 10_000 * patience;
    for (let seen = after; ;) {
      for (; seen < this.received.length; seen++) {
        const message = this.received[seen];
        if (message && kinds.includes(message.case) && fits(message)) return message;
      }
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`No ${kinds.join(' or ')} came. ${this.describe()}`);
      const arrival = new Promise<void>((resolve) => this.#arrived.push(resolve));
      await Promise.race([arrival, delay(left, undefined, { ref: false })]);
    }
  }

  /** Sends a command and waits for its answer, or for the failure. */
  async ask<C extends Case>(command: Command, answer: C): Promise<ValueOf<C>> {
    const after = this.received.length;
    const request = this.send(command);
    // An earlier question may still be answered in pieces.
    const answered = await this.#nextOf([answer, 'failure'], after, ({ value }) =>
      value !== undefined && 'request' in value ? value.request === request : true,
    );
    if (answered.case === 'failure') throw new Error(answered.value.text);
    return answered.value as ValueOf<C>;
  }

  /** Sends a command that is to fail. */
  async refusal(command: Command): Promise<ValueOf<'failure'>> {
    const after = this.received.length;
    const request = this.send(command);
    return this.next('failure', (value) => value.request === request, after);
  }

  /** Milliseconds until the process is gone; fails after 5 s, times the patience. */
  async timeToExit(): Promise<number> {
    const from = performance.now();
    const code = await Promise.race([
      this.exited,
      delay(5000 * patience, 'late' as const, { ref: false }),
    ]);
    if (code === 'late') throw new Error(`The probe did not exit. ${this.describe()}`);
    return performance.now() - from;
  }

  /** For the end of a test, whatever came before. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await this.exited;
  }

  describe(): string {
    const kinds = this.received.map((message) =>
      message.case === 'failure' ? `failure (${message.value.text})` : message.case,
    );
    return `Received: ${kinds.join(', ')}. ${this.stderr}`;
  }
}
