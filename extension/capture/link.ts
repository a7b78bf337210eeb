import { ProbeError, type Hello, type ProbeSession, type Recorded } from '../probe/session';
import type { Destination } from '../remote';
import type { Attempt, Connection, Connector } from './connection';
import type { Timings } from './timings';

/** The way of a capture to its machine: there is none before `open`, and none to a probe that ended. */
export class Link {
  #connection: Connection | undefined;
  #closed = false;

  /** @param host for people. */
  constructor(
    private readonly destination: Destination,
    private readonly host: string,
    private readonly connector: Connector,
  ) {}

  /** Nothing is left open where it throws, or where it was closed on the way. */
  async open(attempt: Attempt, timings: Timings): Promise<Connection> {
    const connection = await this.connector(this.destination, attempt, timings);
    this.#connection = connection;
    if (this.#closed) await connection.close();
    return connection;
  }

  /** @throws ProbeError where there is none; of a recording there is one after its end, too. */
  get connection(): Connection {
    const over = this.#closed && this.recorded === undefined;
    if (this.#connection === undefined || over)
      throw new ProbeError('connection-lost', `The tracer on ${this.host} has ended.`);
    return this.#connection;
  }

  /** The latest, which may have ended; undefined: none was reached. */
  get session(): ProbeSession | undefined {
    return this.#connection?.session;
  }

  get recorder(): Connection['recorder'] {
    return this.#connection?.recorder;
  }

  /** Says what the file is that this was opened from; undefined: it is no recording. */
  get recorded(): Recorded | undefined {
    return this.session?.recorded;
  }

  /** The hello of the probe; undefined: none was reached. */
  get probe(): Hello | undefined {
    return this.session?.hello;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#connection?.close();
  }
}
