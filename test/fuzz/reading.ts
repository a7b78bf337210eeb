/** Acts that a reader may do with an input, and what counts as a finding. */
import { Account, MOST_BYTES } from '../../extension/probe/account';
import { ProbeError, type ProbeEvents, type ProbeSession } from '../../extension/probe/session';
import { TypeScriptEngine } from '../../extension/profile/engine-ts';
import type { ProfileBatch } from '../../extension/profile/frames';
import { ProfileStore } from '../../extension/profile/store';
import type { Random } from './mutate';

/** Hears of each input before it is read: its place in the group, and what repeats it. */
export type At = (place: number, input: () => Uint8Array) => void;

export interface Target {
  /** Inputs that follow from one seed and are read one after another. */
  readonly group: number;
  /** Makes and reads a group: the same for the same numbers. Throws where a reader does wrong. */
  read(random: Random, at: At): Promise<void> | void;
}

/** A fault of ours that a reader took for a fault of the input. */
const FAULTS = /TypeError|ReferenceError|Cannot read|is not a function|is not iterable|call stack/;
/** Most that a single message can add before the account is looked at. */
const ONE_MESSAGE_BYTES = 256 * 2 ** 20;

/** Faults within callbacks, which the reader itself would catch. */
export const faults: unknown[] = [];

function fault(error: unknown): void {
  faults.push(error instanceof ProbeError ? new Error(error.detail) : error);
}

/** A session may end, and refuse what it is asked for, but never by a fault of ours. */
export function allowed(error: unknown): undefined {
  if (!(error instanceof ProbeError) || FAULTS.test(error.detail)) fault(error);
  return undefined;
}

/** An input may be refused, but never by a fault of ours. */
export function refusable(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    // These readers throw plain errors, whose words say what is wrong with the input.
    if (!(error instanceof Error) || FAULTS.test(`${error.name}: ${error.message}`)) fault(error);
  }
}

export function bounded(account: Account): void {
  if (account.bytes > MOST_BYTES + ONE_MESSAGE_BYTES) throw new Error(`account: ${account.bytes}`);
}

export const never = new AbortController().signal;

/** Requests of a real session's listeners; the answers are {@link allowed}. */
const ASKED: readonly ((session: ProbeSession) => Promise<unknown>)[] = [
  (session) => session.readFile(101, '/x'),
  (session) => session.takeHeap({ pid: 101, maxPauseMs: 1, signal: never }, () => undefined),
  (session) => session.list(),
  (session) =>
    session.start({ target: { master: 100 }, rateHz: 99, budgetPercent: 1, requestLabels: true }),
  (session) => session.setRate(5),
  (session) => session.stop(),
];
export const MOST_ASKED = ASKED.length;

/** Asks for the first `count` things; settles when all are answered or refused. */
export function ask(session: ProbeSession, count: number): Promise<unknown>[] {
  return ASKED.slice(0, count).map((each) => each(session).catch(allowed));
}

/** A store for the sessions of a group, each another run to it: to make one takes long. */
export class Listeners {
  private readonly store = new ProfileStore(new TypeScriptEngine());

  /** A store takes each batch that the reader lets through, or says why not. */
  of(closed: () => void): Partial<ProbeEvents> {
    let begun = false;
    return {
      batch: (batch) => {
        if (!begun) this.store.beginRun(1);
        begun = true;
        this.add(batch);
      },
      health: () => undefined,
      notice: () => undefined,
      closed: (error) => {
        if (error) allowed(error);
        closed();
      },
      reset: () => this.store.reset(),
    };
  }

  private add(batch: ProfileBatch): void {
    try {
      this.store.add(batch);
    } catch (error) {
      if (!(error instanceof RangeError)) fault(error);
      throw error;
    }
  }
}
