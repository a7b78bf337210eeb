/** When the traced workers started, as wall-clock time: what they loaded then is what they run. */
import type { MasterProcess, WorkerProcess } from '../probe';
import type { Log } from '../common/log';
import type { Transport } from '../remote';

/**
 * Linux shows start times in ticks of this rate on every architecture, whatever the kernel's own
 * is.
 */
const TICKS_PER_SECOND = 100;

export class WorkerClock {
  #bootMs: number | undefined;
  #listing: Promise<void> | undefined;
  #again = false;
  readonly #ticks = new Map<number, number>();

  constructor(
    private readonly transport: Transport,
    private readonly master: MasterProcess,
  ) {
    this.#learn(master.workers);
  }

  oldestStartMs(pids: readonly number[]): number | undefined {
    const bootMs = this.#bootMs;
    if (bootMs === undefined) return undefined;
    const ticks = pids.flatMap((pid) => this.#ticks.get(pid) ?? []);
    if (ticks.length === 0) return undefined;
    return bootMs + (Math.min(...ticks) / TICKS_PER_SECOND) * 1000;
  }

  /** Asks the host when it was booted; without an answer nothing is said about the age of files. */
  read(log: Log, done: () => void): void {
    this.transport
      .exec(['grep', '^btime ', '/proc/stat'], { timeoutMs: 5000, maxBytes: 4096 })
      .then((result) => {
        this.#bootMs = parseBootTime(result.stdout.toString('latin1'));
        done();
      })
      .catch((error: unknown) => log.info(`boot time not known: ${String(error)}`));
  }

  /** A reload brought workers: their start times are in a new listing. */
  refresh(list: () => Promise<MasterProcess[]>, log: Log): void {
    // Workers join several at once, and a listing takes long enough to see them all.
    if (this.#listing !== undefined) {
      this.#again = true;
      return;
    }
    this.#listing = list()
      .then((masters) =>
        this.#learn(masters.find((each) => each.pid === this.master.pid)?.workers ?? []),
      )
      .catch((error: unknown) => log.info(`workers not listed again: ${String(error)}`))
      .finally(() => {
        this.#listing = undefined;
        if (this.#again) this.refresh(list, log);
        this.#again = false;
      });
  }

  #learn(workers: readonly WorkerProcess[]): void {
    for (const worker of workers) this.#ticks.set(worker.pid, worker.startTime);
  }
}

/** Unix milliseconds from the line "btime 1700000000". */
export function parseBootTime(text: string): number | undefined {
  const seconds = Number(/^btime (\d{1,12})$/m.exec(text)?.[1]);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
