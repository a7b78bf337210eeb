/** Waiting for a host that may be busy: a profiler is wanted on just those. */

/** Says how long and for what, so often. */
const SAY_MS = 5000;
/** So long a host is waited for before anybody is asked. */
export const PATIENCE_MS = 60_000;

export interface Patience {
  /** Short sentences for whoever waits. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /**
   * Asks, after a minute and each further one, whether to wait on. The signal aborts when nobody needs
   * the answer any more. Absent: it is not waited on.
   */
  readonly keepWaiting?: ((text: string, signal: AbortSignal) => Promise<boolean>) | undefined;
  /** More about why it takes so long: "load 15 on 2 cores". */
  readonly why?: (() => Promise<string>) | undefined;
}

/** Waits for work; rejects with `tooLong` where nobody wants to wait on. */
export async function patiently<T>(
  work: Promise<T>,
  what: string,
  { onProgress, keepWaiting, why = () => Promise.resolve('') }: Patience,
  tooLong: () => Error,
): Promise<T> {
  const done = new AbortController();
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  let reason = '';
  const text = (): string => `${what} for ${seconds()} s${reason && `: ${reason}`}`;
  let timers: NodeJS.Timeout[] = [];
  const given = new Promise<never>((_, reject) => {
    const say = setInterval(() => {
      onProgress?.(text());
      why().then(
        (now) => (reason = now),
        () => undefined,
      );
    }, SAY_MS);
    const ask = async (): Promise<void> => {
      const waits = await keepWaiting?.(text(), done.signal).catch(() => false);
      if (done.signal.aborted) return;
      if (waits === true) timers.push(setTimeout(() => void ask(), PATIENCE_MS));
      else reject(tooLong());
    };
    timers = [say, setTimeout(() => void ask(), PATIENCE_MS)];
  });
  try {
    return await Promise.race([work, given]);
  } finally {
    done.abort();
    for (const timer of timers) clearTimeout(timer);
  }
}
