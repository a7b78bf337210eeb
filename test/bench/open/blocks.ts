/** For how long at once the thread was kept from other work, without the time that others had it. */
import { readFileSync } from 'node:fs';

export interface Block {
  /** By the clock, less the time that the thread was ready to run and had no processor. */
  readonly ms: number;
  readonly clockMs: number;
}

const none: Block = { ms: 0, clockMs: 0 };

/** Asks for a turn all the time; the longest time between two is the longest block. */
export class Blocks {
  private worst = none;
  private last = now();
  private timer: NodeJS.Timeout | undefined;

  start(): void {
    this.last = now();
    this.timer = setTimeout(() => {
      this.look();
      this.start();
    }, 1);
  }

  /** The longest since the last call, or since the start. */
  take(): Block {
    this.look();
    const { worst } = this;
    this.worst = none;
    return worst;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private look(): void {
    const at = now();
    const clockMs = at.clock - this.last.clock;
    const ms = clockMs - (at.waited - this.last.waited);
    if (ms > this.worst.ms) this.worst = { ms, clockMs };
    this.last = at;
  }
}

/** Both in milliseconds. */
function now(): { clock: number; waited: number } {
  const [, waited = '0'] = readFileSync('/proc/thread-self/schedstat', 'latin1').split(' ');
  return { clock: performance.now(), waited: Number(waited) / 1e6 };
}
