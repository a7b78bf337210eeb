/**
 * Work that code hands over, to run later and in nobody's name: timers, and queues that timers
 * empty. Whoever runs it stands in no stack with whoever wanted it. So what it costs is charged by
 * where it is wanted from: to those who create timers, in the proportion in which they do.
 */
import { inTurns } from '../common/turns';
import { type Frame, FrameKind, type FunctionInfo } from '../profile/frames';
import type { Claim } from './claims';

/** Functions of ngx_lua that create a timer. */
const creators = new Set(['ngx.timer.at', 'ngx.timer.every']);

/** Functions of ngx_lua that an event calls before any Lua runs: a timer's own, and what wakes. */
const wakers = new Set(['ngx_http_lua_sema_handler', 'ngx_http_lua_timer_handler']);
const dispatchers = new Set(['ngx_event_process_posted', 'ngx_event_expire_timers']);

/** Whether the claim, before it is seen within its gateway, is of a part that runs others' work. */
export function runsForOthers({ level, name }: Claim): boolean {
  return level === 'service' ? name === 'timers' : level === 'core' && name.endsWith(' queues');
}

export function createsTimer({ kind }: Frame, info: FunctionInfo | undefined): boolean {
  return (
    (kind === FrameKind.LuaC || kind === FrameKind.LuaBuiltin) && creators.has(info?.name ?? '')
  );
}

/** Where ngx_lua has no names of its own, this tells its first function below the event loop. */
export function wakesLua(
  { kind }: Frame,
  info: FunctionInfo | undefined,
  caller: FunctionInfo | undefined,
): boolean {
  if (kind !== FrameKind.Native || info === undefined) return false;
  if (wakers.has(info.name)) return true;
  return /ngx_http_lua/.test(info.file) && dispatchers.has(caller?.name ?? '');
}

/** The facts of a stack on work that is handed over. */
export interface HandOver {
  /** Owner id of whoever hands over in this stack; 0: nobody does. */
  readonly creator: number;
  /**
   * Whom it is handed to, or, without a creator, who runs it for others: the owner id of a part,
   * {@link Via.ngxLua}, or a file of the library that does it, from {@link Via.file} on. 0: neither.
   */
  readonly via: number;
  /** It fills a queue, and creates no timer; with a creator. */
  readonly fills: boolean;
}

/** Beside owners' ids, of which there are fewer. */
export const Via = { ngxLua: 0x10000, file: 0x10001 } as const;

export const noHandOver: HandOver = { creator: 0, via: 0, fills: false };

/** A row of samples of a report: under which key they are, and what their stack says. */
export interface HandedRow extends HandOver {
  /** In the table: an owner, or what requests are grouped by. */
  readonly key: string;
  /** Under which key samples count that have this creator. */
  readonly creatorKey: string;
  readonly owner: number;
  /** In a timer; or not known to be in a request. */
  readonly inTimer: boolean;
  readonly weight: number;
  readonly samples: number;
}

/** With fewer samples of creating timers nothing is said of who does. */
const FEWEST = 8;

/** How much more each key has caused than it is shown with, or less: it adds up to nothing. */
export interface Caused {
  readonly byKey: ReadonlyMap<string, number>;
  /** Samples in which timers were created: how well the proportions are known. */
  readonly samples: number;
}

class Shares {
  private readonly weights = new Map<string, number>();
  private weight = 0;
  samples = 0;

  add(key: string, weight: number, samples: number): void {
    this.weights.set(key, (this.weights.get(key) ?? 0) + weight);
    this.weight += weight;
    this.samples += samples;
  }

  *of(amount: number): Iterable<readonly [string, number]> {
    for (const [key, weight] of this.weights) yield [key, (amount * weight) / this.weight];
  }

  get isEnough(): boolean {
    return this.samples >= FEWEST && this.weight > 0;
  }
}

/** Names of the shares that a row is divided by; the first that are enough are taken. */
function sourcesOf({ via, inTimer, owner }: HandedRow, byRequest: boolean): string[] {
  // To fill a queue costs more than what it wakes.
  if (via === Via.ngxLua) return ['timers', 'all'];
  if (via >= Via.file) return inTimer ? [`via ${via}`] : [];
  if (via !== 0) return [`via ${via}`, 'all'];
  return byRequest && inTimer ? [`owner ${owner}`] : [];
}

/**
 * @param byRequest keys are of requests: the timers of an owner belong to the requests in which it
 *   creates them. Else they are the owner's already.
 */
export async function causedBy(given: Iterable<HandedRow>, byRequest: boolean): Promise<Caused> {
  const rows = [...given];
  const shares = new Map<string, Shares>();
  const sharesOf = (name: string): Shares => {
    let found = shares.get(name);
    if (found === undefined) shares.set(name, (found = new Shares()));
    return found;
  };
  await inTurns(rows.length, (i) => {
    const { creator, via, fills, creatorKey, weight, samples } = rows[i]!;
    if (creator === 0) return;
    for (const name of [fills ? 'queues' : 'timers', 'all', `via ${via}`, `owner ${creator}`])
      sharesOf(name).add(creatorKey, weight, samples);
  });
  const byKey = new Map<string, number>();
  const move = (key: string, amount: number) => byKey.set(key, (byKey.get(key) ?? 0) + amount);
  // Added up before they are divided: rows and keys may be many.
  const divided = new Map<Shares, number>();
  await inTurns(rows.length, (i) => {
    const row = rows[i]!;
    if (row.creator !== 0) return;
    const candidates = sourcesOf(row, byRequest);
    const found = candidates.map((name) => shares.get(name)).find((each) => each?.isEnough);
    if (found === undefined) return;
    move(row.key, -row.weight);
    divided.set(found, (divided.get(found) ?? 0) + row.weight);
  });
  for (const [found, weight] of divided)
    for (const [key, amount] of found.of(weight)) move(key, amount);
  return { byKey, samples: shares.get('all')?.samples ?? 0 };
}
