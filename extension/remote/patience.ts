/** Waiting for a host that may be busy: a profiler is wanted on just those. */

/** How often it is said, and how long a host is waited for before anybody is asked. */
const usual = { sayMs: 5000, askMs: 60_000 };

export interface Patience {
  /** Short sentences for whoever waits. */
  readonly onProgress?: ((text: string) => void) | undefined;
  /** The same where it takes long; absent: they go where the others go. */
  readonly onWaiting?: ((text: string) => void) | undefined;
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
  { onProgress, onWaiting = onProgress, keepWaiting, why }: Patience,
  tooLong: (seconds: number) => Error,
  { sayMs, askMs } = usual,
): Promise<T> {
  const done = new AbortController();
  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  let reason = '';
  const text = (): string => `${what} for ${seconds()} s${reason && `: ${reason}`}`;
  let timers: NodeJS.Timeout[] = [];
  const given = new Promise<never>((_, reject) => {
    const say = setInterval(() => {
      const known = why?.().then(
        (now) => (reason = now),
        () => undefined,
      );
      void Promise.resolve(known).then(() => {
        if (!done.signal.aborted) onWaiting?.(text());
      });
    }, sayMs);
    const ask = async (): Promise<void> => {
      const waits = await keepWaiting?.(text(), done.signal).catch(() => false);
      if (done.signal.aborted) return;
      if (waits === true) timers.push(setTimeout(() => void ask(), askMs));
      else reject(tooLong(seconds()));
    };
    timers = [say, setTimeout(() => void ask(), askMs)];
  });
  try {
    return await Promise.race([work, given]);
  } finally {
    done.abort();
    for (const timer of timers) clearTimeout(timer);
  }
}
