import { punycode } from './punycode';
import { NotUnderstood, Reader, understood } from './reader';

const BASIC: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};
/** Beyond this a constant is shown as it is written, in hexadecimal digits. */
const MOST_DIGITS = 16;

/** Rust's second scheme, "v0". Hashes of crates and types of constants are left out. */
export function demangleRust(symbol: string): string | undefined {
  const body = /^_R([^.$]+)(?:[.$].*)?$/.exec(symbol)?.[1];
  return body === undefined ? undefined : understood(() => new Rust(body).symbol());
}

class Rust {
  private readonly reader: Reader;
  /** Lifetimes that are bound around where it reads. */
  private bound = 0;

  constructor(body: string) {
    this.reader = new Reader(body);
  }

  symbol(): string {
    const path = this.path(true);
    // The crate that it was instantiated in is of no use to whoever looks for the function.
    if (!this.reader.isDone) this.path(false);
    if (!this.reader.isDone) throw new NotUnderstood();
    return path;
  }

  /** @param inValue where generic arguments need `::` before them. */
  private path(inValue: boolean): string {
    return this.reader.nested(() => this.reader.counted(this.pathAt(inValue)));
  }

  private pathAt(inValue: boolean): string {
    switch (this.reader.char()) {
      case 'C':
        return this.identifier().name;
      case 'M':
        this.implPath();
        return `<${this.type()}>`;
      case 'X':
        this.implPath();
        return `<${this.type()} as ${this.path(false)}>`;
      case 'Y':
        return `<${this.type()} as ${this.path(false)}>`;
      case 'N':
        return this.nestedPath(inValue);
      case 'I': {
        const path = this.path(inValue);
        const args: string[] = [];
        while (!this.reader.take('E')) args.push(this.genericArg());
        return `${path}${inValue ? '::' : ''}<${args.join(', ')}>`;
      }
      case 'B':
        return this.backReference(() => this.path(inValue));
      default:
        throw new NotUnderstood();
    }
  }

  private nestedPath(inValue: boolean): string {
    const space = this.reader.char();
    const path = this.path(inValue);
    const { name, index } = this.identifier();
    if (/[a-z]/.test(space)) return name === '' ? path : `${path}::${name}`;
    if (!/[A-Z]/.test(space)) throw new NotUnderstood();
    const kind = { C: 'closure', S: 'shim' }[space] ?? space;
    return `${path}::{${kind}${name === '' ? '' : `:${name}`}#${index}}`;
  }

  private implPath(): void {
    this.disambiguator();
    this.path(false);
  }

  private genericArg(): string {
    if (this.reader.take('L')) return this.lifetime(this.base62());
    if (this.reader.take('K')) return this.constant();
    return this.type();
  }

  private type(): string {
    return this.reader.nested(() => this.reader.counted(this.typeAt()));
  }

  private typeAt(): string {
    const { reader } = this;
    const basic = BASIC[reader.next];
    if (basic !== undefined) {
      reader.char();
      return basic;
    }
    if (/[CMXYNI]/.test(reader.next)) return this.path(false);
    const tag = reader.char();
    switch (tag) {
      case 'R':
      case 'Q': {
        const lifetime = reader.take('L') ? this.base62() : 0;
        const named = lifetime > 0 ? `${this.lifetime(lifetime)} ` : '';
        return `&${named}${tag === 'Q' ? 'mut ' : ''}${this.type()}`;
      }
      case 'P':
        return `*const ${this.type()}`;
      case 'O':
        return `*mut ${this.type()}`;
      case 'A':
        return `[${this.type()}; ${this.constant()}]`;
      case 'S':
        return `[${this.type()}]`;
      case 'T': {
        const types = this.typesUntilE();
        return types.length === 1 ? `(${types[0]},)` : `(${types.join(', ')})`;
      }
      case 'F':
        return this.binder(() => this.functionType());
      case 'D': {
        const traits = this.binder(() => this.traits());
        reader.expect('L');
        const lifetime = this.base62();
        return `dyn ${traits}${lifetime > 0 ? ` + ${this.lifetime(lifetime)}` : ''}`;
      }
      case 'B':
        return this.backReference(() => this.type());
      default:
        throw new NotUnderstood();
    }
  }

  private typesUntilE(): string[] {
    const types: string[] = [];
    while (!this.reader.take('E')) types.push(this.type());
    return types;
  }

  private functionType(): string {
    const unsafe = this.reader.take('U') ? 'unsafe ' : '';
    let abi = '';
    if (this.reader.take('K'))
      abi = this.reader.take('C') ? 'extern "C" ' : `extern "${this.abi()}" `;
    const types = this.typesUntilE();
    const result = this.type();
    return `${unsafe}${abi}fn(${types.join(', ')})${result === '()' ? '' : ` -> ${result}`}`;
  }

  private abi(): string {
    return this.identifier().name.replaceAll('_', '-');
  }

  private traits(): string {
    const traits: string[] = [];
    while (!this.reader.take('E')) traits.push(this.trait());
    return traits.join(' + ');
  }

  private trait(): string {
    const path = this.path(false);
    const bindings: string[] = [];
    while (this.reader.take('p')) bindings.push(`${this.identifier().name} = ${this.type()}`);
    if (bindings.length === 0) return path;
    const open = path.endsWith('>') ? `${path.slice(0, -1)}, ` : `${path}<`;
    return `${open}${bindings.join(', ')}>`;
  }

  private binder(read: () => string): string {
    const count = this.reader.take('G') ? this.base62() + 1 : 0;
    if (count > 26) throw new NotUnderstood();
    this.bound += count;
    const names = Array.from({ length: count }, (_, i) => this.lifetime(count - i));
    const text = read();
    this.bound -= count;
    return count > 0 ? `for<${names.join(', ')}> ${text}` : text;
  }

  private lifetime(index: number): string {
    if (index === 0) return "'_";
    const depth = this.bound - index;
    if (depth < 0 || depth > 25) throw new NotUnderstood();
    return `'${String.fromCharCode(97 + depth)}`;
  }

  private constant(): string {
    const { reader } = this;
    if (reader.take('p')) return '_';
    if (reader.take('B')) return this.backReference(() => this.constant());
    const type = reader.char();
    const negative = 'aslxni'.includes(type) && reader.take('n') ? '-' : '';
    const digits = reader.match(/[0-9a-f]*_/y)?.slice(0, -1);
    if (digits === undefined) throw new NotUnderstood();
    const value = BigInt(`0x${digits || '0'}`);
    if (type === 'b' && value < 2n) return value === 1n ? 'true' : 'false';
    if (!'ahstlmxynoij'.includes(type)) throw new NotUnderstood();
    return `${negative}${digits.length > MOST_DIGITS ? `0x${digits}` : value}`;
  }

  private backReference(read: () => string): string {
    const { reader } = this;
    const start = reader.at - 1;
    const target = this.base62();
    if (target >= start) throw new NotUnderstood();
    const after = reader.at;
    reader.at = target;
    const text = reader.nested(read);
    reader.at = after;
    return text;
  }

  private identifier(): { name: string; index: number } {
    const { reader } = this;
    const index = this.disambiguator();
    const isPunycode = reader.take('u');
    const length = reader.number();
    reader.take('_');
    const name = reader.chars(length);
    return { name: isPunycode ? punycode(name) : name, index };
  }

  private disambiguator(): number {
    return this.reader.take('s') ? this.base62() + 1 : 0;
  }

  private base62(): number {
    const digits = this.reader.match(/[0-9a-zA-Z]*_/y)?.slice(0, -1);
    if (digits === undefined || digits.length > 12) throw new NotUnderstood();
    if (digits === '') return 0;
    let value = 0;
    for (const digit of digits) value = value * 62 + DIGITS.indexOf(digit);
    return value + 1;
  }
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
