/** Options of commands, as rows of a table: parsing, help, ranges and defaults follow from it. */
import { UsageError } from '../exit';

export interface Option<T> {
  /** Without the dashes. */
  readonly flag: string;
  /** One letter. */
  readonly short?: string;
  /** Stands for the value in help; absent: the option takes none. */
  readonly value?: string;
  /** It may be given again. */
  readonly many?: boolean;
  /** It says how a process is watched, so a recording cannot follow it. */
  readonly live?: boolean;
  /** Range and default included. */
  readonly help: string;
  /**
   * @param given each value that was typed; none: the option is absent.
   * @throws UsageError where a value is not one.
   */
  read(given: readonly string[]): T;
}

export type Options = Readonly<Record<string, Option<unknown>>>;

/** The values of options, by their names in the table. */
export type Values<O extends Options> = {
  readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never;
};

/** The part of a row that all kinds of options share; `help` without range and default. */
type Row = Omit<Option<unknown>, 'read' | 'many'>;
type Valued = Row & { readonly value: string };

/** Further parts of the help of options that have a range or a list of choices. */
interface Limited extends Valued {
  /** Says what holds where it is absent, if no value of it says that. */
  readonly otherwise?: string;
  /** Stands behind range and default. */
  readonly more?: string;
}

export function flag(row: Omit<Row, 'value'>): Option<boolean> {
  return { ...row, read: (given) => given.length > 0 };
}

/** Any text: a name, a path. */
export function text(row: Valued): Option<string | undefined> {
  return { ...row, read: (given) => given.at(-1) };
}

export function texts(row: Valued): Option<readonly string[]> {
  return { ...row, many: true, read: (given) => given };
}

interface Ranged<D> extends Limited {
  /** Inclusive. */
  readonly range: readonly [least: number, most: number];
  /** A number stands in the help behind the range. */
  readonly default: D;
  /** The range goes without saying, as that of a pid does. */
  readonly plain?: boolean;
}

export function decimal<D extends number | undefined>(row: Ranged<D>): Option<number | D> {
  return ranged(row, (text) => numberIn(row, text));
}

export function integer<D extends number | undefined>(row: Ranged<D>): Option<number | D> {
  return ranged(row, (text) => {
    const value = numberIn(row, text);
    if (!Number.isInteger(value))
      throw new UsageError(`--${row.flag} takes a whole number, not "${text}".`);
    return value;
  });
}

function ranged<D extends number | undefined>(
  row: Ranged<D>,
  parse: (text: string) => number,
): Option<number | D> {
  const { range, default: absent, plain = false, otherwise = absent } = row;
  const between = plain ? '' : `, ${range[0]} to ${range[1]}`;
  return {
    ...row,
    help: helpText(row, between, otherwise),
    read: (given) => (given.length === 0 ? absent : parse(given.at(-1)!)),
  };
}

function numberIn({ flag, range: [least, most] }: Ranged<unknown>, text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`--${flag} takes a number from ${least} to ${most}, not "${text}".`);
  return value;
}

interface Chosen<T extends string, D> extends Limited {
  readonly of: readonly T[];
  readonly default: D;
  /** Of one of them, for errors: "a sampler". */
  readonly noun: string;
}

export function choice<const T extends string, D extends T | undefined>(
  row: Chosen<T, D>,
): Option<T | D> {
  const { of, default: absent, noun, otherwise } = row;
  const list = of.map((each) => (each === absent ? `${each} (the default)` : each));
  return {
    ...row,
    help: helpText(row, `: ${spoken(list, 'or')}`, otherwise),
    read: (given) => (given.length === 0 ? absent : chosen(given.at(-1)!, of, noun)),
  };
}

/** One of a list, which may be given again for another one. */
export function choices<const T extends string>(
  row: Omit<Chosen<T, undefined>, 'default' | 'otherwise'>,
): Option<readonly T[]> {
  const { of, noun } = row;
  return {
    ...row,
    many: true,
    help: helpText(row, `: ${spoken(of, 'or')}`, undefined),
    read: (given) => given.map((word) => chosen(word, of, noun)),
  };
}

function chosen<T extends string>(word: string, of: readonly T[], noun: string): T {
  const found = of.find((each) => each === word);
  if (found === undefined)
    throw new UsageError(`"${word}" is not ${noun}; ${spoken(of, 'and')} are.`);
  return found;
}

/** "samples a second, 1 to 4999 (99); fewer where they cost too much" */
function helpText(row: Limited, limits: string, otherwise: string | number | undefined): string {
  const absent = otherwise === undefined ? '' : ` (${otherwise})`;
  return `${row.help}${limits}${absent}${row.more === undefined ? '' : `; ${row.more}`}`;
}

/** "a, b or c" */
function spoken(words: readonly string[], and: 'and' | 'or'): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} ${and} ${words.at(-1)}`;
}
