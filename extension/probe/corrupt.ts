import { limits } from './limits';
import { ProbeError } from './session';

/** A violation of the wire: `what` says which rule and where, for the log. */
export function corrupt(what: string): ProbeError {
  return new ProbeError(
    'corrupt-stream',
    'The host sent data that no probe sends, so the session was ended. ' +
      'Your samples are kept. Attach again; if it happens again, please report it.',
    what,
  );
}

export function atMost(count: number, most: number, where: string): void {
  if (count > most) throw corrupt(`${where}: ${count} is more than the ${most} allowed`);
}

/** A 64-bit count as a number; over 2^53 nothing honest counts. */
export function countOf(value: bigint, where: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw corrupt(`${where}: ${value} is too large`);
  return Number(value);
}

/** A number that is finite and not below zero. */
export function amountOf(value: number, where: string): number {
  if (!Number.isFinite(value) || value < 0) throw corrupt(`${where}: ${value} is no amount`);
  return value;
}

export function enumOf(value: number, highest: number, where: string): number {
  if (value < 0 || value > highest) throw corrupt(`${where}: ${value} is no known value`);
  return value;
}

export function textOf(value: string, where: string, most: number = limits.textChars): string {
  atMost(value.length, most, `${where} length`);
  return value;
}

/** The name at the place of an enum's value; undefined: no value that is allowed. */
export function nameOf<T>(names: readonly (T | undefined)[], value: number, where: string): T {
  const name = names[enumOf(value, names.length - 1, where)];
  if (name === undefined) throw corrupt(`${where}: ${value}`);
  return name;
}
