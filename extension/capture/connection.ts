/** A machine we are signed in to, with a probe that runs there. */
import { rawText } from '../common/outside';
import type { Log } from '../common/log';
import { connect, type ConnectOptions, type Destination } from '../remote';
import { RemoteError, type Prompter, type Transport } from '../remote';
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
  /** Starts another probe on the same machine; the one before has ended. */
  reopen(): Promise<ProbeSession>;
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
    const options: ConnectOptions = {
      signal: attempt.signal,
      onProgress: attempt.onProgress,
      log,
      stateDir: settings.stateDir,
      ...(configFile === undefined ? {} : { configFile }),
    };
    const transport = await connect(destination, settings.prompter, options);
    timings.mark('connected');
    attempt.onConnected?.();
    const recorder = farEnd().newRecorder();
    const open: Open = async (attempt, before) => {
      const session = await farEnd().openProbe(transport, {
        signal: attempt.signal,
        onProgress: attempt.onProgress,
        log,
        probesDir: settings.probesDir,
        account: before?.account,
      });
      session.record(recorder);
      return session;
    };
    try {
      const session = await open(attempt);
      if (attempt.signal.aborted) {
        await session.close();
        throw new RemoteError('cancelled', 'Attaching was cancelled.');
      }
      timings.mark('probe-ready');
      for (const { what, why, remedy } of session.hello.missing) {
        log.info(`missing on ${transport.label}: ${what}. ${why} ${remedy}`);
      }
      return new OpenConnection(transport, session, recorder, open, log);
    } catch (error) {
      transport.dispose();
      throw error;
    }
  };
}

/** @param before the session that this one goes on for. */
type Open = (attempt: Attempt, before?: ProbeSession) => Promise<ProbeSession>;

class OpenConnection implements Connection {
  private readonly ending = new AbortController();
  private closed: Promise<void> | undefined;

  constructor(
    readonly transport: Transport,
    public session: ProbeSession,
    readonly recorder: CaptureRecorder,
    private readonly open: Open,
    private readonly log: Log,
  ) {}

  async reopen(): Promise<ProbeSession> {
    const { signal } = this.ending;
    const attempt = { signal, onProgress: (text: string) => this.log.info(text) };
    this.session = await this.open(attempt, this.session);
    return this.session;
  }

  close(): Promise<void> {
    return (this.closed ??= this.end());
  }

  private async end(): Promise<void> {
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
