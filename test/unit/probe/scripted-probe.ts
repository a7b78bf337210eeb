import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { PassThrough } from 'node:stream';
import { frame, FrameReader } from '../../../extension/probe/framing';
import * as wire from '../../../extension/probe/generated/acupoint_pb';
import type { ExitStatus, RemoteProcess } from '../../../extension/remote/transport';

type Init = NonNullable<MessageInitShape<typeof wire.FromProbeSchema>['message']>;
export type Command = wire.ToProbe['command'];

/** The far end of a session: says what a test wants said, byte by byte if need be. */
export class ScriptedProbe implements RemoteProcess {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly exit: Promise<ExitStatus>;
  readonly received: wire.ToProbe[] = [];
  kills = 0;
  /** Handles a command other than a ping. */
  answer: (command: wire.ToProbe, probe: ScriptedProbe) => void = () => undefined;
  private resolveExit: (status: ExitStatus) => void = () => undefined;

  constructor(private readonly endsWithStdin = true) {
    this.exit = new Promise((resolve) => (this.resolveExit = resolve));
    const reader = new FrameReader();
    this.stdin.on('data', (chunk: Buffer) => {
      reader.push(chunk, (bytes) => {
        const command = fromBinary(wire.ToProbeSchema, bytes);
        this.received.push(command);
        if (command.command.case === 'ping' && this.answersPings) {
          this.say({ case: 'pong', value: { request: command.request } });
        }
        if (command.command.case !== 'ping') this.answer(command, this);
      });
    });
    this.stdin.on('end', () => {
      if (this.endsWithStdin) this.end(0);
    });
  }

  answersPings = true;

  hello(protocol = 2): this {
    const value = { protocol, probeVersion: '1', sampler: wire.Sampler.BPF, probePid: 7, cpus: 2 };
    return this.say({ case: 'hello', value });
  }

  say(message: Init): this {
    return this.bytes(frame(encode(message)));
  }

  bytes(bytes: Uint8Array): this {
    this.stdout.write(bytes);
    return this;
  }

  end(code: number | null, signal: string | null = null): void {
    this.stdout.end();
    this.stderr.end();
    this.resolveExit({ code, signal });
  }

  kill(): void {
    this.kills++;
    this.end(null, 'SIGTERM');
  }

  pings(): number {
    return this.received.filter(({ command }) => command.case === 'ping').length;
  }
}

export function encode(message: Init): Uint8Array {
  return toBinary(wire.FromProbeSchema, create(wire.FromProbeSchema, { message }));
}
