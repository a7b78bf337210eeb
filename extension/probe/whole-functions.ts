/**
 * A compiler cuts functions into pieces and makes copies of them: `foo.part.0`, `foo.isra.0`,
 * `foo.cold`. The probe says of each which function it is of; here they become one.
 */
import type { FunctionInfo } from '../profile/frames';

export interface SentFunction {
  readonly info: FunctionInfo;
  /** Its symbol, where it is a piece of `info`. */
  readonly part?: string;
}

/** The pieces are noted in what the profile has of it already. */
interface Whole {
  readonly id: number;
  readonly info: Omit<FunctionInfo, 'parts'> & { parts?: string[] };
}

/** More are not named. */
const MOST_PARTS = 16;

export class WholeFunctions {
  /** By the id that the probe sent; index 0 unused. */
  private readonly ids = [0];
  private readonly known = new Map<string, Whole>();
  private count = 0;

  /** @returns what is new of it; undefined: the function is known. */
  add({ info, part }: SentFunction): FunctionInfo | undefined {
    // A Lua function has a line or an identity, and is no compiler's piece.
    if (part === undefined && (info.line > 0 || info.identity !== undefined)) {
      this.ids.push(++this.count);
      return info;
    }
    const key = `${info.name}\0${info.file}`;
    const known = this.known.get(key);
    if (known !== undefined && (part !== undefined || known.info.parts !== undefined)) {
      this.ids.push(known.id);
      note(known, part);
      return undefined;
    }
    const { parts: _none, ...rest } = info;
    const whole: Whole = { id: ++this.count, info: rest };
    note(whole, part);
    this.ids.push(whole.id);
    this.known.set(key, whole);
    return whole.info;
  }

  /** Of a function that was sent; the id as it came where none was. */
  idOf(sent: number): number {
    return this.ids[sent] ?? sent;
  }
}

function note({ info }: Whole, part: string | undefined): void {
  if (part === undefined) return;
  info.parts ??= [];
  if (info.parts.length < MOST_PARTS) info.parts.push(part);
}
