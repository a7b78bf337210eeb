/** A trace that watches requests, and what it said of them. */
import type { FromProbe } from '../../../extension/probe/generated/acupoint_pb';
import { waitFor } from '../../fixtures/wait';
import { WireSession } from '../wire-session';
import { countOf, type Row, rowsOf } from './tables';

type Batch = Extract<FromProbe['message'], { case: 'batch' }>['value'];
type State = Batch['instruments'][number];

interface Options {
  /** Hundredths of a percent of a core. */
  readonly budget?: number;
  readonly requestLabels?: boolean;
}

export class WatchedRequests {
  readonly session: WireSession;

  private constructor(session: WireSession) {
    this.session = session;
  }

  /** Returns when requests are watched. */
  static async start(master: number, options: Options = {}): Promise<WatchedRequests> {
    const { budget = 0, requestLabels = true } = options;
    const watched = new WatchedRequests(new WireSession());
    const target = { case: 'master', value: master } as const;
    const value = { target, rateHz: 19, budget, requestLabels };
    await watched.session.ask({ case: 'start', value }, 'started');
    watched.session.send({ case: 'watch', value: { instrument: 'requests', on: true } });
    await waitFor('requests to be watched', () => Number(watched.state?.watchedUs ?? 0) > 0);
    return watched;
  }

  get batches(): Batch[] {
    return this.session.received.flatMap((m): Batch[] => (m.case === 'batch' ? [m.value] : []));
  }

  get state(): State | undefined {
    return this.batches.flatMap(({ instruments }) => instruments).at(-1);
  }

  rows(name = 'requests.latency'): Row[] {
    return rowsOf(this.batches, name);
  }

  /** Until so many requests are in rows. */
  async until(count: number): Promise<void> {
    await waitFor(`${count} requests in rows`, () => countOf(this.rows()) >= count, {
      describe: () => `${countOf(this.rows())} came. ${this.session.describe()}`,
    });
  }

  /** Switches it off and returns what it says last. */
  async end(): Promise<State> {
    this.session.send({ case: 'watch', value: { instrument: 'requests', on: false } });
    return waitFor('the last word', () => (this.state?.on === false ? this.state : undefined));
  }
}
