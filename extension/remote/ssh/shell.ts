/**
 * Starts programs behind a login shell that may do what it likes before it comes to the command: its
 * start-up files may read the input, put another shell in its place, end it or take long.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { patiently, type Patience } from '../patience';
import type { RemoteProcess } from '../transport';
import { channelProgram, type Beginning, type ChannelProgram } from './channel-process';
import { commandLine, goAhead } from './command';
import {
  muteShell,
  noShell,
  replacedShell,
  terminalBetween,
  waitingShell,
  type Account,
} from './no-shell';

/** Hardly a shell takes as long, so something in it waits. */
const SLOW_MS = 3000;
/** The command is offered as input, with such times between; then the input ends. */
const OFFER_MS = [100, 200, 400, 800, 1600, 1600];

export interface ShellHost extends Account, Patience {
  /** Throws RemoteError; `insists`: tries again where too many sessions are open. */
  openChannel<T>(command: string, insists: boolean, use: (channel: ClientChannel) => T): Promise<T>;
  /** Resolves when the connection is gone. */
  readonly connectionClosed: Promise<void>;
  readonly signal: (pid: number, signal: 'TERM' | 'KILL') => void;
  /** Throws where the connection is lost. */
  readonly check: () => void;
}

export class Shell {
  /** Whether one was met that needs the careful way. */
  private careful = false;

  constructor(private readonly host: ShellHost) {}

  /** Resolves when argv runs. Throws RemoteError, 'no-shell' where it never came to that. */
  async start(argv: readonly string[]): Promise<RemoteProcess> {
    const { host } = this;
    const attempts: ChannelProgram[] = [];
    const works = this.attempt(argv, attempts).catch((error: unknown) => {
      for (const each of attempts) each.process.kill();
      throw error;
    });
    return patiently(works, `Waiting for a shell of ${host.user}`, host, (seconds) => {
      for (const each of attempts) each.process.kill();
      return waitingShell(host, seconds, attempts.map(({ said }) => said()).find(Boolean) ?? '');
    });
  }

  private async attempt(
    argv: readonly string[],
    attempts: ChannelProgram[],
  ): Promise<RemoteProcess> {
    let plain: ChannelProgram | undefined;
    if (!this.careful) {
      plain = await this.open(argv);
      attempts.push(plain);
      const early = await within(SLOW_MS, plain.beginning);
      if (early && early.kind !== 'ended') return this.accept(plain, early, attempts);
      this.host.check();
    }
    const careful = await this.openCarefully(argv, plain);
    if (careful) attempts.push(careful);
    const [program, outcome] = await firstToBegin(careful, plain);
    this.host.check();
    if (outcome.kind !== 'ended') this.careful ||= program === careful;
    return this.accept(program, outcome, attempts);
  }

  /** @throws RemoteError where it did not begin as it should. */
  private accept(
    program: ChannelProgram,
    outcome: Beginning,
    attempts: readonly ChannelProgram[],
  ): RemoteProcess {
    if (outcome.kind === 'ended') throw noShell(this.host, outcome);
    if (outcome.kind === 'replaced') throw replacedShell(this.host);
    if (outcome.kind === 'mute') throw muteShell(this.host);
    if (outcome.behindTerminal) throw terminalBetween(this.host);
    for (const other of attempts) if (other !== program) other.process.kill();
    return program.process;
  }

  private open(argv: readonly string[]): Promise<ChannelProgram> {
    const marker = newMarker();
    return this.host.openChannel(commandLine(argv, marker), true, (channel) =>
      channelProgram({ ...this.host, channel, marker }),
    );
  }

  /**
   * The same, for a shell that something is between: whatever reads the input is given the command as
   * a line, which a shell runs, and anything else takes for an answer that it does not know. Undefined:
   * no other session may be open beside the one that is.
   */
  private async openCarefully(
    argv: readonly string[],
    plain: ChannelProgram | undefined,
  ): Promise<ChannelProgram | undefined> {
    const marker = newMarker();
    const line = commandLine(argv, marker, true);
    try {
      return await this.host.openChannel(line, plain === undefined, (channel) => {
        const program = channelProgram({ ...this.host, channel, marker });
        const offers = new Offers(channel, line, program.beginning);
        const beginning = program.beginning.then((outcome): Beginning => {
          if (outcome.kind !== 'begun') return outcome;
          if (offers.over) return { kind: 'replaced' };
          // Before anybody else writes: the program gets what comes behind this.
          channel.write(goAhead(marker));
          return outcome;
        });
        return { ...program, beginning };
      });
    } catch (error) {
      if (plain === undefined) throw error;
      return undefined;
    }
  }
}

const newMarker = (): string => `acupoint-${randomBytes(12).toString('hex')}-`;

/** Offers the command as a line of input, until the shell has come to it. */
class Offers {
  /** Whether the input has ended. */
  over = false;

  constructor(
    private readonly channel: ClientChannel,
    private readonly line: string,
    beginning: Promise<Beginning>,
  ) {
    channel.on('error', () => undefined);
    void this.offer(beginning);
  }

  private async offer(beginning: Promise<Beginning>): Promise<void> {
    for (const wait of OFFER_MS) {
      this.channel.write(`${this.line}\n`);
      if ((await within(wait, beginning)) !== undefined) return;
    }
    // There are shells that read all of their input before they run any of it.
    this.over = true;
    this.channel.end();
  }
}

/** Where none begins, how the careful one ended. */
async function firstToBegin(
  careful: ChannelProgram | undefined,
  plain: ChannelProgram | undefined,
): Promise<readonly [ChannelProgram, Beginning]> {
  const programs = [careful, plain].filter((each) => each !== undefined);
  const all = programs.map(async (program) => [program, await program.beginning] as const);
  const begun = all.map(async (each) => {
    const [, { kind }] = await each;
    return kind === 'ended' || kind === 'replaced' ? Promise.reject(new Error(kind)) : each;
  });
  // The plain one may wait for ever where the careful one has found out why.
  const [first] = all;
  const known = first!.then(async (own) => {
    if (plain) await within(SLOW_MS, Promise.allSettled(begun));
    return own;
  });
  return Promise.race([Promise.any(begun).catch(() => known), known]);
}

/** Undefined: it has not come by then. */
function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const late = delay(ms, undefined, { signal: timer.signal }).catch(() => undefined);
  return Promise.race([work, late]).finally(() => timer.abort());
}
