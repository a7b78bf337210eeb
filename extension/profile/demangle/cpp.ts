import {
  BUILTIN_D_TYPES,
  BUILTIN_TYPES,
  LITERAL_SUFFIXES,
  OPERATORS,
  SPECIAL,
  STANDARD,
} from './cpp-tables';
import { NotUnderstood, Reader, understood } from './reader';

/** A C++ name by the Itanium ABI, as `c++filt -p` shows it. */
export function demangleCpp(symbol: string): string | undefined {
  return understood(() => new Cpp(symbol).symbol());
}

/** The text before a declared name and behind it: `void (*` and `)(int)`. */
interface Type {
  readonly left: string;
  readonly right: string;
  /** A pointer to it needs parentheses. */
  readonly binds: 'function' | 'array' | '';
}

interface Name {
  readonly text: string;
  /** The name of its constructors. */
  readonly last: string;
  readonly args?: readonly string[];
}

/** An entry that may be referred to again. */
type Entry = { readonly name: Name } | { readonly type: Type };

const plain = (text: string): Type => ({ left: text, right: '', binds: '' });
const textOf = ({ left, right }: Type): string => left + right;

class Cpp {
  private readonly reader: Reader;
  private readonly entries: Entry[] = [];
  /** The arguments that `T_` and those after it stand for. */
  private templateArgs: readonly string[] | undefined;
  private lambdas = 0;
  /** Of the name that was read last. */
  private isConstructor = false;
  private qualifiers = '';

  constructor(symbol: string) {
    this.reader = new Reader(symbol);
  }

  symbol(): string {
    const { reader } = this;
    reader.expect('_Z');
    const text = this.topEncoding();
    // The parameters come next, which are not shown, and what the compiler made of the function.
    const rest = /^\w*((?:\.\w+)*)$/.exec(reader.text.slice(reader.at));
    if (rest === null) throw new NotUnderstood();
    const clones = rest[1]?.match(/\.[a-zA-Z_]+(?:\.\d+)*|(?:\.\d+)+/g) ?? [];
    return text + clones.map((clone) => ` [clone ${clone}]`).join('');
  }

  private topEncoding(): string {
    const { reader } = this;
    const special = SPECIAL[reader.text.slice(reader.at, reader.at + 2)];
    if (special !== undefined) {
      reader.at += 2;
      return special + textOf(this.type());
    }
    if (reader.take('GV')) return `guard variable for ${this.name().text}`;
    if (reader.next === 'T') return this.thunk();
    if (reader.next === 'G') throw new NotUnderstood();
    return this.name().text;
  }

  private thunk(): string {
    const { reader } = this;
    const offset = '(?:hn?\\d+_|vn?\\d+_n?\\d+_)';
    const read = reader.match(new RegExp(`T(?:c${offset})?${offset}`, 'y'));
    if (read === undefined) throw new NotUnderstood();
    const kind = { h: 'non-virtual', v: 'virtual', c: 'covariant return' }[read[1]!];
    return `${kind} thunk to ${this.topEncoding()}`;
  }

  /** The parameters of the function that was just named, `(int)`; '' for what is none. */
  private parametersOf(name: Name): string {
    const { reader } = this;
    if (reader.isDone || reader.next === 'E' || reader.next === '.') return '';
    const outer = this.templateArgs;
    if (name.args !== undefined) {
      this.templateArgs = name.args;
      // A template says what it returns, unless that goes without saying.
      if (!/(?:^|::)(?:operator [^<]|~)/.test(name.last) && !this.isConstructor) this.type();
    }
    const parameters = this.parameters(() => reader.isDone || /[E.]/.test(reader.next));
    this.templateArgs = outer;
    return parameters;
  }

  private parameters(isEnd: () => boolean): string {
    const types: string[] = [];
    do types.push(textOf(this.type()));
    while (!isEnd());
    return types.length === 1 && types[0] === 'void' ? '()' : `(${types.join(', ')})`;
  }

  private name(): Name {
    return this.reader.nested(() => {
      const { reader } = this;
      if (reader.next === 'N') return this.nestedName();
      if (reader.next === 'Z') return this.localName();
      this.isConstructor = false;
      let name: Name;
      if (reader.next === 'S' && !reader.startsWith('St')) {
        const entry = this.substitution();
        if (!('name' in entry) || !reader.startsWith('I')) throw new NotUnderstood();
        name = entry.name;
      } else {
        const std = reader.take('St') ? 'std::' : '';
        const [last, tags] = this.unqualified('');
        name = { text: std + last + tags, last };
        if (reader.next === 'I') this.entries.push({ name });
      }
      return reader.next === 'I' ? this.withArgs(name) : name;
    });
  }

  private nestedName(): Name {
    const { reader } = this;
    reader.expect('N');
    const qualifiers = this.cvQualifiers();
    if (!reader.take('R')) reader.take('O');
    let name: Name | undefined;
    let isConstructor = false;
    while (!reader.take('E')) {
      isConstructor = false;
      if (reader.next === 'S') {
        if (reader.take('St')) name = { text: 'std', last: 'std' };
        else {
          const entry = this.substitution();
          name = asName(entry);
        }
        continue;
      }
      if (reader.take('M')) continue;
      if (reader.next === 'T') name = { text: this.templateParam(), last: '' };
      else if (reader.next === 'I') {
        if (name === undefined) throw new NotUnderstood();
        name = this.withArgs(name);
      } else {
        isConstructor = /[CD]/.test(reader.next) && !reader.startsWith('Dt');
        const [last, tags] = this.unqualified(name?.last ?? '');
        const text = (name === undefined ? last : `${name.text}::${last}`) + tags;
        name = { text: reader.counted(text), last: isConstructor ? (name?.last ?? '') : last };
      }
      if (reader.next !== 'E') this.entries.push({ name });
    }
    if (name === undefined) throw new NotUnderstood();
    this.isConstructor = isConstructor;
    this.qualifiers = qualifiers;
    return name;
  }

  private localName(): Name {
    const { reader } = this;
    reader.expect('Z');
    this.qualifiers = '';
    const of = this.name();
    const { qualifiers } = this;
    const parameters = this.parametersOf(of);
    reader.expect('E');
    // A string literal, or a default argument.
    if (/[sd]/.test(reader.next)) throw new NotUnderstood();
    const name = this.name();
    reader.match(/__\d+_|_\d/y);
    const outer = of.text + (parameters === '' ? '' : parameters + qualifiers);
    return { ...name, text: reader.counted(`${outer}::${name.text}`) };
  }

  private withArgs(name: Name): Name {
    const args = this.reader.nested(() => this.args());
    const list = args.join(', ');
    const space = name.text.endsWith('<') ? ' ' : '';
    const text = `${name.text}${space}<${list}${list.endsWith('>') ? ' ' : ''}>`;
    return { text: this.reader.counted(text), last: name.last, args };
  }

  private args(): string[] {
    const { reader } = this;
    reader.expect('I');
    const args: string[] = [];
    while (!reader.take('E')) {
      if (reader.next === 'J') args.push(...this.pack());
      else args.push(this.arg());
    }
    return args;
  }

  private pack(): string[] {
    const args: string[] = [];
    this.reader.expect('J');
    while (!this.reader.take('E')) args.push(this.arg());
    return args;
  }

  private arg(): string {
    if (this.reader.next === 'L') return this.literal();
    // An expression is not worth what it takes to read it.
    if (this.reader.next === 'X') throw new NotUnderstood();
    return textOf(this.type());
  }

  private literal(): string {
    const { reader } = this;
    reader.expect('L');
    if (reader.next === '_') throw new NotUnderstood();
    const code = reader.next;
    const type = textOf(this.type());
    const negative = reader.take('n') ? '-' : '';
    const digits = reader.match(/\d+/y);
    if (digits === undefined) throw new NotUnderstood();
    reader.expect('E');
    if (type === 'bool' && /^[01]$/.test(digits)) return digits === '1' ? 'true' : 'false';
    if (/[fdeg]/.test(code)) throw new NotUnderstood();
    const suffix = LITERAL_SUFFIXES[code];
    if (suffix !== undefined && BUILTIN_TYPES[code] === type) return negative + digits + suffix;
    return `(${type})${negative}${digits}`;
  }

  /** The name and its tags. */
  private unqualified(of: string): [string, string] {
    const { reader } = this;
    reader.take('L');
    let name: string;
    if (/\d/.test(reader.next)) name = this.sourceName();
    else if (reader.take('C')) {
      if (reader.match(/[1-5]/y) === undefined || of === '') throw new NotUnderstood();
      name = of;
    } else if (/^D[0-5]/.test(reader.text.slice(reader.at, reader.at + 2))) {
      reader.at += 2;
      if (of === '') throw new NotUnderstood();
      name = `~${of}`;
    } else if (reader.take('Ut')) name = `{unnamed type#${this.index()}}`;
    else if (reader.take('Ul')) name = this.lambda();
    else name = this.operator();
    let tags = '';
    while (reader.take('B')) tags += `[abi:${this.sourceName()}]`;
    return [name, tags];
  }

  private sourceName(): string {
    const name = this.reader.chars(this.reader.number());
    if (name === '') throw new NotUnderstood();
    return /^_GLOBAL_[._$]N/.test(name) ? '(anonymous namespace)' : name;
  }

  private lambda(): string {
    this.lambdas++;
    const parameters = this.parameters(() => this.reader.next === 'E');
    this.lambdas--;
    this.reader.expect('E');
    return `{lambda${parameters}#${this.index()}}`;
  }

  /** `_` is the first, `0_` the second. */
  private index(): number {
    const digits = this.reader.match(/\d*_/y)?.slice(0, -1);
    if (digits === undefined || digits.length > 6) throw new NotUnderstood();
    return digits === '' ? 1 : Number(digits) + 2;
  }

  private operator(): string {
    const { reader } = this;
    const code = reader.chars(2);
    if (code === 'cv') {
      const type = textOf(this.type());
      return `operator ${type}`;
    }
    if (code === 'li') return `operator"" ${this.sourceName()}`;
    const name = OPERATORS[code];
    if (name === undefined) throw new NotUnderstood();
    return `operator${name}`;
  }

  private cvQualifiers(): string {
    const found = this.reader.match(/r?V?K?/y) ?? '';
    return (
      (found.includes('K') ? ' const' : '') +
      (found.includes('V') ? ' volatile' : '') +
      (found.includes('r') ? ' restrict' : '')
    );
  }

  private type(): Type {
    return this.reader.nested(() => {
      const type = this.typeAt();
      this.reader.counted(textOf(type));
      return type;
    });
  }

  private remembered(type: Type): Type {
    this.entries.push({ type });
    return type;
  }

  private typeAt(): Type {
    const { reader } = this;
    const builtin = BUILTIN_TYPES[reader.next];
    if (builtin !== undefined) {
      reader.char();
      return plain(builtin);
    }
    switch (reader.next) {
      case 'P':
      case 'R':
      case 'O':
        return this.remembered(this.pointer());
      case 'K':
      case 'V':
      case 'r': {
        const qualifiers = this.cvQualifiers();
        const { left, right, binds } = this.type();
        const isFunction = binds === 'function';
        return this.remembered({
          left: isFunction ? left : left + qualifiers,
          right: isFunction ? right + qualifiers : right,
          binds,
        });
      }
      case 'F':
        return this.remembered(this.functionType());
      case 'A':
        return this.remembered(this.arrayType());
      case 'M':
        return this.remembered(this.memberPointer());
      case 'T':
        return this.remembered(this.paramType());
      case 'S':
        if (!reader.startsWith('St')) return this.substitutedType();
        break;
      case 'D': {
        const name = BUILTIN_D_TYPES[reader.text[reader.at + 1] ?? ''];
        if (name === undefined) throw new NotUnderstood();
        reader.at += 2;
        return plain(name);
      }
      case 'C':
      case 'G':
      case 'U':
      case 'u':
      case 'L':
        throw new NotUnderstood();
    }
    return this.remembered(plain(this.name().text));
  }

  private pointer(): Type {
    const sign = { P: '*', R: '&', O: '&&' }[this.reader.char()]!;
    const { left, right, binds } = this.type();
    if (binds === 'function') return { left: `${left}(${sign}`, right: `)${right}`, binds: '' };
    if (binds === 'array') return { left: `${left} (${sign}`, right: `)${right}`, binds: '' };
    if (sign === '*' || !left.endsWith('&')) return { left: left + sign, right, binds: '' };
    // A reference to a reference is one: && only where both are.
    const both = sign === '&&' && left.endsWith('&&');
    return { left: left.replace(/&+$/, '') + (both ? '&&' : '&'), right, binds: '' };
  }

  private functionType(): Type {
    const { reader } = this;
    reader.expect('F');
    reader.take('Y');
    const result = this.type();
    const parameters = this.parameters(() =>
      /^[RO]?E/.test(reader.text.slice(reader.at, reader.at + 2)),
    );
    const reference = reader.take('R') ? ' &' : reader.take('O') ? ' &&' : '';
    reader.expect('E');
    return {
      left: `${result.left} `,
      right: parameters + reference + result.right,
      binds: 'function',
    };
  }

  private arrayType(): Type {
    const { reader } = this;
    reader.expect('A');
    const length = reader.match(/\d*_/y)?.slice(0, -1);
    if (length === undefined) throw new NotUnderstood();
    const { left, right, binds } = this.type();
    // Of arrays the outer length stands first.
    const inner = binds === 'array' ? right.trimStart() : right;
    return { left, right: ` [${length}]${inner}`, binds: 'array' };
  }

  private memberPointer(): Type {
    this.reader.expect('M');
    const of = textOf(this.type());
    const { left, right, binds } = this.type();
    if (binds === 'function') return { left: `${left}(${of}::*`, right: `)${right}`, binds: '' };
    if (binds === 'array') return { left: `${left} (${of}::*`, right: `)${right}`, binds: '' };
    return { left: `${left} ${of}::*`, right, binds: '' };
  }

  private paramType(): Type {
    const type = plain(this.templateParam());
    if (this.reader.next !== 'I') return type;
    throw new NotUnderstood();
  }

  private templateParam(): string {
    this.reader.expect('T');
    const index = this.index() - 1;
    if (this.lambdas > 0) return `auto:${index + 1}`;
    const arg = this.templateArgs?.[index];
    if (arg === undefined) throw new NotUnderstood();
    return arg;
  }

  private substitutedType(): Type {
    const entry = this.substitution();
    if (this.reader.next !== 'I') return 'type' in entry ? entry.type : plain(asName(entry).text);
    return this.remembered(plain(this.withArgs(asName(entry)).text));
  }

  private substitution(): Entry {
    const { reader } = this;
    reader.expect('S');
    const standard = STANDARD[reader.next];
    if (standard !== undefined) {
      reader.char();
      const [text, last] = standard;
      let name = { text, last };
      while (reader.take('B')) name = { text: `${name.text}[abi:${this.sourceName()}]`, last };
      return { name };
    }
    const digits = reader.match(/[0-9A-Z]*_/y)?.slice(0, -1);
    if (digits === undefined || digits.length > 4) throw new NotUnderstood();
    const entry = this.entries[digits === '' ? 0 : parseInt(digits, 36) + 1];
    if (entry === undefined) throw new NotUnderstood();
    return entry;
  }
}

function asName(entry: Entry): Name {
  if ('name' in entry) return entry.name;
  if (entry.type.right !== '') throw new NotUnderstood();
  const { left } = entry.type;
  return { text: left, last: /(?:^|::)([\w$]+)(?:<.*>)?$/s.exec(left)?.[1] ?? '' };
}
