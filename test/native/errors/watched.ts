/** Collects the rows of the instrument while it watches a gateway. */
import { waitFor } from '../../fixtures/wait';
import type { InstrumentState } from '../../../extension/probe/generated/acupoint_pb';
import { SeriesRows } from '../series-rows';
import { WireSession } from '../wire-session';

export interface Wrong {
  /** The message and whether it was caught; the status; the level and the format. */
  readonly what: readonly string[];
  /** "file.lua:7" of the innermost line, and of the next other files. */
  readonly lines: readonly string[];
  readonly count: number;
}

const FIRST = { exceptions: 2, responses: 1, log: 2 } as const;
type Table = keyof typeof FIRST;

export class Watched {
  private constructor(private readonly session: WireSession) {}

  /** @param budget hundredths of a percent of a core for each worker; 0: no limit. */
  static async start(master: number, budget = 0): Promise<Watched> {
    const session = new WireSession();
    const target = { case: 'master', value: master } as const;
    await session.ask(
      { case: 'start', value: { target, rateHz: 49, requestLabels: true, budget } },
      'started',
    );

    session.send({ case: 'watch', value: { instrument: 'errors', on: true } });
    const watched = new Watched(session);
    await session.next('batch', ({ instruments }) =>
      instruments.some(({ on, elapsedUs }) => on && elapsedUs > 0n),
    );
    return watched;
  }

  /** Ends to watch, so that all of it is in rows. */
  async over(): Promise<InstrumentState> {
    const after = this.session.received.length;
    this.session.send({ case: 'watch', value: { instrument: 'errors', on: false } });
    const { instruments } = await this.session.next(
      'batch',
      (batch) => batch.instruments.some(({ on }) => !on),
      after,
    );
    return instruments[0]!;
  }

  async until(what: string, fits: () => boolean): Promise<void> {
    await waitFor(what, fits, { describe: () => JSON.stringify(this.rows('exceptions')) });
  }

  /** Loads the gateway until samples have met one of its requests, twice. */
  async met(load: () => Promise<unknown>): Promise<void> {
    const count = () =>
      SeriesRows.of(this.session)
        .stacks('cpu')
        .filter(({ frames }) => frames.some(({ file }) => file.includes('nginx.conf'))).length;
    while (count() < 4) await load();
  }

  rows(table: Table): Wrong[] {
    const sums = new Map<string, Wrong>();
    for (const { keys, count } of SeriesRows.of(this.session).table(`errors.${table}`)) {
      const lines = keys.slice(FIRST[table]);
      const row = {
        what: keys.slice(0, FIRST[table]),
        lines: [0, 2, 4].flatMap((at) =>
          lines[at] === '' ? [] : [`${lines[at]!.replace(/.*\//, '')}:${lines[at + 1]}`],
        ),
        count,
      };
      const key = JSON.stringify([row.what, row.lines]);
      sums.set(key, { ...row, count: count + (sums.get(key)?.count ?? 0) });
    }
    return [...sums.values()].sort((one, other) => other.count - one.count);
  }

  stacks() {
    return SeriesRows.of(this.session).stacks('exceptions');
  }

  end(): Promise<void> {
    return this.session.end();
  }
}
