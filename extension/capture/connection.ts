/** A machine we are signed in to, with a probe that runs there. */
import { rawText } from '../common/outside';
import type { Log } from '../common/log';
import { connect, type ConnectOptions, type Destination } from '../remote';
import { NoQuestions, RemoteError, type Prompter, type Transport } from '../remote';
import type { CaptureRecorder, ProbeSession } from '../probe/session';
import type { FarEnd } from './far-end';
import type { Timings } from './timings';
import { messageOf } from '../common/errors';

export interface Connection {
  readonly transport: Transport;
  /** The latest. */
  readonly session: ProbeSession;
  /** Hears what all of them are told; undefined: this is a recording itself. */
  readonly recorder?: CaptureRecorder;
  /**
   * Starts another probe on the same machine; the one before has ended. Signs in again where the
   * connection is not whole, as long as no question has to be asked.
   * @param isCut the connection is known not to be whole.
   */
  reopen(isCut: boolean): Promise<ProbeSession>;
  /** Ends the probe, then the connection; never throws, and may be called again. */
  close(): Promise<void>;
}

export interface ConnectionSettings {
  readonly prompter: Prompter;
  readonly farEnd: () => FarEnd;
  /** Holds the probes, one folder an architecture. */
  readonly probesDir: string;
  /** Where accepted host keys are kept. */
  readonly stateDir: string;
  /** A ssh configuration instead of the user's own; undefined: that. */
  readonly configFile: () => string | undefined;
  readonly log: Log;
}

export interface Attempt {
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
  /** Asks whether to wait on for a host that is slow; absent: not for longer than a minute. */
  readonly keepWaiting?: ConnectOptions['keepWaiting'];
  /** Signed in; the probe comes next. */
  readonly onConnected?: () => void;
}

/** How a capture reaches its target; another one replays what was recorded. */
export type Connector = (
  destination: Destination,
  attempt: Attempt,
  timings: Timings,
) => Promise<Connection>;

export function connector(settings: ConnectionSettings): Connector {
  return async (destination, attempt, timings) => {
    const { log, farEnd } = settings;
    timings.mark('connecting');
    const configFile = settings.configFile();
    const reach = (attempt: Attempt, prompter: Prompter): Promise<Transport> => {
      const options: ConnectOptions = {
        signal: attempt.signal,
        onProgress: attempt.onProgress,
        keepWaiting: attempt.keepWaiting,
        log,
        stateDir: settings.stateDir,
        ...(configFile === undefined ? {} : { configFile }),
      };
      return connect(destination, prompter, options);
    };
    const transport = await reach(attempt, settings.prompter);
    timings.mark('connected');
    attempt.onConnected?.();
    const recorder = farEnd().newRecorder();
    const open: Open = async (transport, attempt, before) => {
      const session = await farEnd().openProbe(transport, {
        signal: attempt.signal,
        onProgress: attempt.onProgress,
        keepWaiting: attempt.keepWaiting,
        log,
        probesDir: settings.probesDir,
        account: before?.account,
      });
      session.record(recorder);
      return session;
    };
    try {
      const session = await open(transport, attempt);
      if (attempt.signal.aborted) {
        await session.close();
        throw new RemoteError('cancelled', 'Attaching was cancelled.');
      }
      timings.mark('probe-ready');
      for (const { what, why, remedy } of session.hello.missing) {
        log.info(`missing on ${transport.label}: ${what}. ${why} ${remedy}`);
      }
      const again = (attempt: Attempt) => reach(attempt, new NoQuestions(settings.prompter));
      return new OpenConnection(transport, session, recorder, again, open, log);
    } catch (error) {
      transport.dispose();
      throw error;
    }
  };
}

/** @param before the session that this one goes on for. */
type Open = (
  transport: Transport,
  attempt: Attempt,
  before?: ProbeSession,
) => Promise<ProbeSession>;

class OpenConnection implements Connection {
  private readonly ending = new AbortController();
  private isCut = false;
  private closed: Promise<void> | undefined;

  constructor(
    public transport: Transport,
    public session: ProbeSession,
    readonly recorder: CaptureRecorder,
    private readonly again: (attempt: Attempt) => Promise<Transport>,
    private readonly open: Open,
    private readonly log: Log,
  ) {
    this.watch();
  }

  async reopen(isCut: boolean): Promise<ProbeSession> {
    const attempt = {
      signal: this.ending.signal,
      onProgress: (text: string) => this.log.info(text),
    };
    if (isCut || this.isCut) {
      this.transport.dispose();
      this.transport = await this.again(attempt);
      this.isCut = false;
      this.watch();
    }
    this.session = await this.open(this.transport, attempt, this.session);
    return this.session;
  }

  private watch(): void {
    const { transport } = this;
    transport.onDidClose(() => {
      if (transport === this.transport) this.isCut = true;
    });
  }

  close(): Promise<void> {
    return (this.closed ??= this.leave());
  }

  private async leave(): Promise<void> {
    this.ending.abort();
    try {
      await this.session.close();
    } catch (error) {
      // The far end is gone already, or will go by itself once its input ends.
      this.log.info(`closing the probe: ${rawText(messageOf(error))}`);
    } finally {
      this.transport.dispose();
    }
  }
}
