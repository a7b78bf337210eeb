/** Adds up what the instrument says over the wire. */
import type { Batch, Series } from '../../../extension/probe/generated/acupoint_pb';
import { WireSession } from '../wire-session';
import type { Abort, GivenUp } from './target';

export interface Vm {
  readonly pid: number;
  readonly vm: number;
  readonly traces: number;
  readonly machineCodeBytes: number;
  readonly machineCodeLimit: number;
  readonly maxTraces: number;
  readonly flushes: number;
  readonly hotloop: number;
  readonly hotexit: number;
}

export class Seen {
  readonly session = new WireSession();

  async start(target: { case: 'pid' | 'master'; value: number }): Promise<void> {
    await this.session.ask({ case: 'start', value: { target, rateHz: 1 } }, 'started');
    this.session.send({ case: 'watch', value: { instrument: 'jit', on: true } });
    await this.nextVm();
  }

  /** Waits for the next report of a VM. */
  async nextVm(fits: (vm: Vm) => boolean = () => true): Promise<Vm> {
    const before = this.vms().length;
    await this.session.next('batch', () => this.vms().slice(before).some(fits));
    return this.vms().slice(before).find(fits)!;
  }

  get batches(): Batch[] {
    return this.session.received.flatMap((message) =>
      message.case === 'batch' ? [message.value] : [],
    );
  }

  aborts(pid?: number): Abort[] {
    const sums = new Map<string, Abort>();
    for (const { count, row } of this.#rows('jit.aborts', pid)) {
      const [reason, file, line] = row as [string, string, number];
      const key = JSON.stringify(row);
      sums.set(key, { reason, file, line, count: (sums.get(key)?.count ?? 0) + count });
    }
    return [...sums.values()];
  }

  blacklisted(pid?: number): GivenUp[] {
    const rows = this.#rows('jit.blacklisted', pid).map(({ row }) => JSON.stringify(row));
    return [...new Set(rows)].map((row) => {
      const [file, line, kind] = JSON.parse(row) as [string, number, string];
      return { file, line, kind };
    });
  }

  vms(): Vm[] {
    const series = this.#series;
    return this.batches
      .flatMap(({ points }) => points)
      .filter((points) => series[points.series - 1]?.name === 'jit.vms')
      .flatMap(({ pids, numbers, series: id }) => {
        const keys = series[id - 1]!.keys;
        return pids.map((pid, row) => {
          const own = keys.map(({ name }, index) => [name, numbers[row * keys.length + index]]);
          return { pid, ...Object.fromEntries(own) } as Vm;
        });
      });
  }

  get #series(): Series[] {
    return this.batches.flatMap(({ series }) => series);
  }

  #rows(name: string, pid?: number): { count: number; row: (string | number)[] }[] {
    const strings = this.batches.flatMap((batch) => batch.strings);
    const id = this.#series.findIndex((series) => series.name === name) + 1;
    const keys = this.#series[id - 1]?.keys ?? [];
    return this.batches
      .flatMap(({ tables }) => tables)
      .filter((table) => table.series === id)
      .flatMap((table) =>
        table.pids.flatMap((own, row) => {
          if (pid !== undefined && own !== pid) return [];
          const values = keys.map(({ number }, index) => {
            const value = table.keys[row * keys.length + index]!;
            return number ? value : (strings[value - 1] ?? '');
          });
          return [{ count: Number(table.counts[row]), row: values }];
        }),
      );
  }
}
